/*
 * What the parts of the folder store share: its root and folders, the files of
 * its objects, their versions, and errors that name an address.
 *
 * Calls that take a `root` want the descriptor of the store's root folder and a
 * key that ends in NUL.
 */
#ifndef STORE_FOLDER_FILE_H
#define STORE_FOLDER_FILE_H

#include "store/backend.h"
#include "store/hashed_copy.h"

#include <sys/stat.h>

struct arena;
struct error;

struct folder_store {
    struct store store;
    mode_t file_mode; /* of a new object */
};

struct folder_store *folder_of(struct store *store);

/* The version of an object that store_read() gave is the SHA-256 of its bytes up
 * to this size. Above it, and in a list, it is "<size>-<time in ns>-<inode>": an
 * object that takes another's place has another inode. */
#define FOLDER_DIGEST_MAX ((size_t)16 << 20)
struct str folder_version(struct arena *arena, const struct stat *st);
/* Whether the open object has a version of either form; reads it if need be. */
int folder_version_holds(int fd, const struct stat *st, struct str version, bool *holds,
                         struct error *err) MUST_USE;

/* --- folders --- */

int folder_root_open(const struct folder_store *folder, int *fd, struct error *err) MUST_USE;
/* The same, made where it is not there, durably. */
int folder_root_make(const struct folder_store *folder, int *fd, struct error *err) MUST_USE;

/* --- files --- */

/* Opens an object for reading. ERROR_NOT_FOUND where nothing is there,
 * ERROR_DAMAGED for a symbolic link, a folder (with EISDIR) or anything else that
 * is no file. */
int folder_object_open(int root, const char *key, int *fd, struct stat *st,
                       struct error *err) MUST_USE;

/* A temporary file in the folder of an object that is to be. */
struct folder_temp {
    int folder;       /* open, the caller's */
    const char *name; /* of the object in it, a part of the key */
    int fd;
    struct str temp; /* the temporary file's name */
};
/* `*parent` is the folder of the key where it is open already, else -1; it is
 * opened, made where it is not there (durably if `sync`), and left open for the
 * next object of that folder. The caller closes it. */
int folder_temp_make(const struct folder_store *folder, int root, struct arena *arena,
                     const char *key, bool sync, int *parent, struct folder_temp *temp,
                     struct error *err) MUST_USE;
/* Closes the file, and removes it unless `temp` was emptied. */
void folder_temp_close(struct folder_temp *temp);

/* --- errors: what was set before, as a sentence about the object --- */

int folder_cannot_read(const struct folder_store *folder, struct str key, struct error *err);
int folder_cannot_write(const struct folder_store *folder, struct str key, struct error *err);
int folder_cannot_remove(const struct folder_store *folder, struct str key, struct error *err);

/* --- the calls of the interface that have a file of their own --- */

int folder_list(struct store *store, struct arena *arena, struct str prefix,
                bool (*visit)(void *context, const struct listed *object), void *context,
                struct error *err) MUST_USE;
int folder_list_folders(struct store *store, struct arena *arena, struct str prefix,
                        struct str **names, size_t *count, struct error *err) MUST_USE;
int folder_download(struct store *store, struct transfer *transfers, size_t count,
                    const struct transfer_calls *calls, struct error *err) MUST_USE;
int folder_upload(struct store *store, struct transfer *transfers, size_t count,
                  const struct transfer_calls *calls, struct error *err) MUST_USE;

#endif
