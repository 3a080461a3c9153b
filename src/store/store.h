/*
 * A store: objects with keys, bytes and preconditions. It knows nothing of
 * jobs, manifests or receipts.
 *
 * Keys are relative paths with '/' between segments (base/path.h). An object is
 * there whole or not at all: no reader ever sees half of one. Its `version`
 * changes whenever its bytes do (a folder: a digest of small objects, else size
 * and time; GCS: the generation; S3: the ETag).
 *
 *     struct store *store = NULL;
 *     store_open(arena, url, STORE_READ_WRITE, &settings, &store, err);
 *     store_read(store, arena, key, limit, &object, err);
 *     store_close(&store);
 *
 * Errors of all calls: ERROR_NOT_FOUND only where the object is really not
 * there; ERROR_NOT_ALLOWED (permissions, read-only), ERROR_CONFLICT (a
 * precondition), ERROR_DAMAGED (not the bytes that were promised),
 * ERROR_UNREACHABLE, ERROR_LIMIT, ERROR_INTERRUPTED, ERROR_FAILED. Messages name
 * the full address.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/base.h"
#include "base/digest.h"
#include "base/str.h"

struct arena;
struct cache;
struct error;
struct store;

enum store_mode { STORE_READ_WRITE, STORE_READ_ONLY /* every write is ERROR_NOT_ALLOWED */ };

/* What a store that is not on this machine may keep on it; all zero: nothing. A
 * store that is a folder has no use for it. */
struct store_settings {
    /* Content that was fetched (store/cache.h): the caller's, who closes it after
     * all stores that share it. NULL: none. */
    struct cache *cache;
    /* An absolute path: a folder below the workspace for what a later run goes on
     * with, such as an upload that was cut off. It is the store's to make, 0700.
     * Empty: there is none. */
    struct str state_folder;
    /* A line that whoever started the run must see, such as that the store is an
     * emulator's; NULL: nobody. */
    void (*say)(void *context, struct str line);
    void *say_context;
};

/* A plain path, file:///path, or an URL of a backend that this version has.
 * ERROR_USAGE for anything else, with the known kinds. The folder need not be
 * there yet. The arena must outlive the store. */
int store_open(struct arena *arena, struct str url, enum store_mode mode,
               const struct store_settings *settings, struct store **store,
               struct error *err) MUST_USE;
void store_close(struct store **store);

/* The address of a key as people and other tools know it:
 * "/home/login/project/.jobrun/store/dev/..." or "gs://bucket/dev/...". */
struct str store_address(const struct store *store, struct arena *arena, struct str key);
/* The same as an https link, .s NULL where the store has none. */
struct str store_link(const struct store *store, struct arena *arena, struct str key);

struct object {
    struct str bytes; /* store_read alone */
    uint64_t size_bytes;
    struct str version;
};

/* A small object as a whole; over max_bytes is ERROR_LIMIT. */
int store_read(struct store *store, struct arena *arena, struct str key, size_t max_bytes,
               struct object *object, struct error *err) MUST_USE;

/* What must hold for a write to happen, judged by the store atomically. */
enum store_if { STORE_IF_ABSENT, STORE_IF_VERSION, STORE_ALWAYS };
struct precondition {
    enum store_if kind;
    struct str version; /* STORE_IF_VERSION */
};

/* A small object as a whole, durable when the call returns. ERROR_CONFLICT where
 * the precondition does not hold. Stored with Cache-Control: no-store. */
int store_write(struct store *store, struct str key, struct str bytes, const char *content_type,
                struct precondition precondition, struct error *err) MUST_USE;

/* Called for each object below a prefix, in bytewise order of the keys. */
struct listed {
    struct str key; /* whole, from the store's root */
    uint64_t size_bytes;
    struct str version;
};
/* `prefix` ends in '/' or is empty. A visitor that returns false ends the list.
 * A prefix with nothing below it is an empty list. */
int store_list(struct store *store, struct arena *arena, struct str prefix,
               bool (*visit)(void *context, const struct listed *object), void *context,
               struct error *err) MUST_USE;
/* The names of the "folders" directly below a prefix, sorted. */
int store_list_folders(struct store *store, struct arena *arena, struct str prefix,
                       struct str **names, size_t *count, struct error *err) MUST_USE;

/* ERROR_NOT_FOUND where there is none. */
int store_remove(struct store *store, struct str key, struct precondition precondition,
                 struct error *err) MUST_USE;

/* Whether this process may write below a prefix, found out as early and as
 * cheaply as the backend can: ERROR_NOT_ALLOWED, ERROR_FAILED. */
int store_check_write(struct store *store, struct str prefix, struct error *err) MUST_USE;

/*
 * Transfers: many objects at once, a bounded number of them at a time. The
 * caller gives an array; the store opens each file through the caller's
 * `open` when its turn comes, and calls `done` in any order, from the calling
 * thread only. The first transfer that fails ends the others; the error names
 * its address.
 */
struct transfer {
    struct str key;
    /* Download: pinned to this one, unless the cache has the bytes; empty: any. Set by
     * an upload, in the store's arena: what a download may be pinned to; empty:
     * nothing. */
    struct str version;
    uint64_t size_bytes; /* what it must be */
    struct str sha256;   /* what it must be: 64 hexadecimal digits */
    uint32_t crc32c;     /* likewise */
    bool was_there;      /* set by an upload: the same bytes were there already */
    bool was_cached;     /* set by a download: it came from the cache, not from the store */
    bool is_damaged;     /* set by a download: it is missing, or not what it must be */
};

struct transfer_calls {
    /* Opens the file of a transfer: for reading (upload) or for reading and writing
     * (download; empty). The store closes it. */
    int (*open)(void *context, size_t index, int *fd, struct error *err);
    /* One transfer is complete and verified. */
    int (*done)(void *context, size_t index, struct error *err);
    /* More bytes went over; may be NULL. */
    void (*progress)(void *context, uint64_t bytes);
    void *context;
};

/* Size and SHA-256 of what arrived are compared with the transfer's:
 * ERROR_DAMAGED names both digests. */
int store_download(struct store *store, struct transfer *transfers, size_t count,
                   const struct transfer_calls *calls, struct error *err) MUST_USE;

/* Create-only: an object that is there with the same bytes is not sent again;
 * one with other bytes is replaced where the store can prove that they are
 * damaged (a folder), else ERROR_CONFLICT. The bytes sent are checked against
 * size and SHA-256: a file that changes meanwhile is ERROR_DAMAGED, and nothing
 * of it is in the store. Durable when the call returns. */
int store_upload(struct store *store, struct transfer *transfers, size_t count,
                 const struct transfer_calls *calls, struct error *err) MUST_USE;

#endif
