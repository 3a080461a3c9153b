#include "sys/dir.h"

#include "base/base.h"
#include "sys/fd.h"

#include <errno.h>

DIR *dir_open(int *fd)
{
    DIR *dir = fdopendir(*fd);
    if (dir) {
        *fd = -1;
    } else {
        fd_close(fd);
    }
    return dir;
}

const char *dir_next(DIR *dir)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            return NULL;
        }
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            return entry->d_name;
        }
    }
}

void dir_close(DIR **dir)
{
    if (*dir) {
        int saved = errno;
        closedir(*dir);
        errno = saved;
    }
    *dir = NULL;
}
