/* File descriptors that close themselves: int fd CLEANUP(fd_close) = -1; */
#ifndef SYS_FD_H
#define SYS_FD_H

#include "base/base.h"

struct error;

void fd_close(int *fd); /* -1 is left alone; the variable becomes -1 */
/* Closes and reports what only close() reports (a full disk over NFS). */
int fd_close_checked(int *fd, const char *what, struct error *err) MUST_USE;
/* The descriptor, and the variable becomes -1: for handing it on. */
int fd_take(int *fd);

/* A pipe, both ends close-on-exec: [0] is read, [1] is written. */
int fd_pipe(int ends[2], struct error *err) MUST_USE;
/* Opens /dev/null on each of 0, 1 and 2 that is closed: whatever is opened next
 * would otherwise be taken for standard input, output or error. */
int fd_open_standard(struct error *err) MUST_USE;
/* Puts /dev/null in its place: what is written to it is dropped. */
void fd_replace_by_null(int fd);
int fd_set_nonblocking(int fd, struct error *err) MUST_USE;
/* Lets a pipe hold more (1 MiB) where the system can; only speed depends on it. */
void fd_enlarge_pipe(int fd);

/* All n bytes, over short writes and EINTR. `what` is named in the error. */
int fd_write_all(int fd, const void *bytes, size_t n, const char *what, struct error *err) MUST_USE;
/* Up to n bytes, fewer only at the end of the file; *got says how many. */
int fd_read_full(int fd, void *bytes, size_t n, size_t *got, const char *what,
                 struct error *err) MUST_USE;

#endif
