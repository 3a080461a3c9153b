#include "run/last_folder.h"

#include "base/arena.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <errno.h>
#include <fcntl.h>

static int open_folder(const struct last_folder *last, struct str path, int *fd, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};

    if (path.n > 0) {
        return fs_open_beneath(last->root, str_copy(&scratch, path).s, O_RDONLY | O_DIRECTORY, 0,
                               fd, err);
    }
    *fd = openat(last->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd >= 0 ? 0 : error_errno(err, errno, "cannot open the workspace's folder");
}

int last_folder_open(struct last_folder *last, struct str path, int *fd, struct error *err)
{
    if (!last->is_known || !str_equal(last->path, path)) {
        last_folder_close(last);
        last->is_known = true;
        last->path = path;
        if (open_folder(last, path, &last->fd, &last->problem) < 0 &&
            last->problem.sys_errno == ENOTDIR) {
            last->problem.kind = ERROR_NOT_FOUND;
        }
    }
    if (last->fd < 0) {
        *err = last->problem;
        return -1;
    }
    *fd = last->fd;
    return 0;
}

void last_folder_close(struct last_folder *last)
{
    fd_close(&last->fd);
    last->is_known = false;
}
