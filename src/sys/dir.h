/*
 * The names in a folder: DIR *dir CLEANUP(dir_close) = NULL;
 *
 *     while ((name = dir_next(dir))) ...
 *     if (errno) ...
 */
#ifndef SYS_DIR_H
#define SYS_DIR_H

#include <dirent.h>

/* Takes the descriptor over, and the variable becomes -1. NULL with errno set
 * on failure. */
DIR *dir_open(int *fd);
/* The next name but "." and ".."; NULL with errno 0 at the end. */
const char *dir_next(DIR *dir);
void dir_close(DIR **dir);

#endif
