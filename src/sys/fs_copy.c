#include "sys/fs.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#ifdef __linux__
#include <linux/fs.h>
#endif

#define KERNEL_BLOCK ((uint64_t)64 << 20) /* between two looks at the signals */
#define BUFFER_BYTES ((size_t)256 << 10)

static int too_short(struct error *err, const char *what)
{
    return error_set(err, ERROR_DAMAGED, "'%s' is shorter than expected", what);
}

bool fs_clone(int from, int to)
{
#ifdef FICLONE
    return (fcntl(to, F_GETFL) & O_ACCMODE) == O_RDWR && ioctl(to, FICLONE, from) == 0;
#else
    (void)from;
    (void)to;
    return false;
#endif
}

/* 1: done; 0: this file system cannot; -1: err is set. */
static int copy_by_clone(int from, int to, uint64_t size_bytes, const char *what, struct error *err)
{
    struct stat st;
    /* A clone is of the whole file. */
    if (fstat(from, &st) != 0 || (uint64_t)st.st_size != size_bytes) {
        return 0;
    }
    if (!fs_clone(from, to)) {
        return 0;
    }
    /* The file may have changed its size between the two calls. */
    if (fstat(to, &st) != 0) {
        return error_errno(err, errno, "cannot copy '%s'", what);
    }
    if ((uint64_t)st.st_size < size_bytes) {
        return too_short(err, what);
    }
    if ((uint64_t)st.st_size > size_bytes && ftruncate(to, (off_t)size_bytes) != 0) {
        return error_errno(err, errno, "cannot copy '%s'", what);
    }
    return 1;
}

#ifdef __linux__
/* Copies from *done on, as far as the kernel can. */
static int copy_in_kernel(int from, int to, uint64_t size_bytes, uint64_t *done, const char *what,
                          struct error *err)
{
    off_t in = 0;
    off_t out = 0;
    while (*done < size_bytes) {
        if (signals_check(err) != 0) {
            return -1;
        }
        uint64_t left = size_bytes - *done;
        size_t part = (size_t)(left < KERNEL_BLOCK ? left : KERNEL_BLOCK);
        ssize_t copied = copy_file_range(from, &in, to, &out, part, 0);
        if (copied < 0 && errno == EINTR) {
            continue;
        }
        if (copied < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO || errno == EFBIG)) {
            return error_errno(err, errno, "cannot copy '%s'", what);
        }
        /* Anything else, and a 0 that some file systems give before the end:
         * reading and writing tells what there is to tell. */
        if (copied <= 0) {
            return 0;
        }
        *done += (uint64_t)copied;
    }
    return 0;
}
#endif

static int write_at(int fd, const char *bytes, size_t n, uint64_t offset, const char *what,
                    struct error *err)
{
    while (n > 0) {
        ssize_t written = pwrite(fd, bytes, n, (off_t)offset);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            return error_errno(err, errno, "cannot write the copy of '%s'", what);
        }
        bytes += written;
        n -= (size_t)written;
        offset += (uint64_t)written;
    }
    return 0;
}

static int copy_by_reading(int from, int to, uint64_t size_bytes, uint64_t done, const char *what,
                           struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    char *buffer = arena_alloc(&scratch, BUFFER_BYTES);
    while (done < size_bytes) {
        if (signals_check(err) != 0) {
            return -1;
        }
        uint64_t left = size_bytes - done;
        size_t part = left < BUFFER_BYTES ? (size_t)left : BUFFER_BYTES;
        ssize_t got = pread(from, buffer, part, (off_t)done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return error_errno(err, errno, "cannot read '%s'", what);
        }
        if (got == 0) {
            return too_short(err, what);
        }
        if (write_at(to, buffer, (size_t)got, done, what, err) != 0) {
            return -1;
        }
        done += (uint64_t)got;
    }
    return 0;
}

int fs_copy(int from, int to, uint64_t size_bytes, const char *what, struct error *err)
{
    uint64_t done = 0;
    int cloned = copy_by_clone(from, to, size_bytes, what, err);
    if (cloned != 0) {
        return cloned < 0 ? -1 : 0;
    }
#ifdef __linux__
    if (copy_in_kernel(from, to, size_bytes, &done, what, err) != 0) {
        return -1;
    }
#endif
    return copy_by_reading(from, to, size_bytes, done, what, err);
}

/* posix_fallocate(3) would write to every block where the file system has no such call. */
int fs_reserve(int fd, uint64_t size_bytes, const char *what, struct error *err)
{
#ifdef __linux__
    int status;
    do {
        status = size_bytes > 0 ? fallocate(fd, 0, 0, (off_t)size_bytes) : 0;
    } while (status != 0 && errno == EINTR);
    if (status != 0 && errno != EOPNOTSUPP && errno != ENOSYS) {
        return error_errno(err, errno, "cannot make room for %s", what);
    }
#endif
    return ftruncate(fd, (off_t)size_bytes) == 0
               ? 0
               : error_errno(err, errno, "cannot make room for %s", what);
}
