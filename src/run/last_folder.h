/*
 * The folder of a workspace that was worked in last, kept open: many files of
 * one folder need it opened once.
 */
#ifndef RUN_LAST_FOLDER_H
#define RUN_LAST_FOLDER_H

#include "base/base.h"
#include "base/error.h"
#include "base/str.h"

struct last_folder {
    int root;        /* borrowed */
    bool is_known;   /* whether the rest says something */
    struct str path; /* from the root; its bytes must stay */
    int fd;          /* -1: it could not be opened, `problem` says why */
    struct error problem;
};

#define LAST_FOLDER(root_fd)        \
    {                               \
        .root = (root_fd), .fd = -1 \
    }

/* Borrows the open folder of this path, "" being the root itself. Errors are
 * remembered too, as those of the folder: a path below a file or below nothing
 * is ERROR_NOT_FOUND. */
int last_folder_open(struct last_folder *last, struct str path, int *fd,
                     struct error *err) MUST_USE;
/* For CLEANUP, and where a folder may have come into being. */
void last_folder_close(struct last_folder *last);

#endif
