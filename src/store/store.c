#include "store/store.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/file_url.h"
#include "base/path.h"
#include "store/backend.h"
#include "store/cached_download.h"
#include "store/folder.h"
#include "store/gcs.h"
#include "sys/fs.h"

#include <ctype.h>

/* --- addresses of stores --- */

/* The length of "<scheme>" where the text is "<scheme>://..." (RFC 3986), else 0. */
static size_t scheme_length(struct str url)
{
    size_t n = str_index(url, ':');
    if (n == 0 || !str_starts(str_after(url, n), STR("://")) || !isalpha((unsigned char)url.s[0])) {
        return 0;
    }
    for (size_t i = 1; i < n; i++) {
        if (!isalnum((unsigned char)url.s[i]) && !strchr("+-.", url.s[i])) {
            return 0;
        }
    }
    return n;
}

int store_open(struct arena *arena, struct str url, enum store_mode mode,
               const struct store_settings *settings, struct store **store, struct error *err)
{
    struct str path = url;
    size_t n = scheme_length(url);
    struct str scheme = str_slice(url, 0, n);
    bool is_gcs = gcs_store_is(url);
    if (file_url_is(url)) {
        if (file_url_path(arena, url, &path, err) != 0) {
            return -1;
        }
    } else if (n > 0 && !is_gcs) {
        error_set(err, ERROR_USAGE, "cannot use the store '%.*s': this version has no '%.*s' store",
                  STR_ARG(url), STR_ARG(scheme));
        return error_help(err, "it has two kinds: a folder, as a path or 'file:///path', and "
                               "Google Cloud Storage, as 'gs://bucket/prefix'");
    }
    int status = is_gcs ? gcs_store_open(arena, url, mode, settings, store, err)
                        : folder_store_open(arena, path, mode, store, err);
    if (status != 0) {
        return -1;
    }
    (*store)->cache = (*store)->folder.s ? NULL : settings->cache;
    return 0;
}

void store_close(struct store **store)
{
    if (*store) {
        (*store)->backend->close(*store);
    }
    *store = NULL;
}

struct str store_address(const struct store *store, struct arena *arena, struct str key)
{
    return store->backend->address(store, arena, key);
}

struct str store_link(const struct store *store, struct arena *arena, struct str key)
{
    return store->backend->link ? store->backend->link(store, arena, key) : (struct str){0};
}

/* --- what holds for every backend --- */

/* A segment that begins like a temporary file's name would be swept some day;
 * so that an artifact can move between stores, none takes it. */
static const char *key_problem(struct str key)
{
    struct str rest = key;
    struct str segment;
    bool more = true;
    const char *problem = path_problem(key);
    while (more && !problem) {
        more = str_cut(rest, '/', &segment, &rest);
        if (str_starts(segment, STR(FS_TEMP_PREFIX))) {
            problem = "has the name of a temporary file in it";
        }
    }
    return problem;
}

static int check_key(struct str key, struct error *err)
{
    const char *problem = key_problem(key);
    return problem ? error_set(err, ERROR_USAGE, "the key '%.*s' of an object %s", STR_ARG(key),
                               problem)
                   : 0;
}

static int check_prefix(struct str prefix, struct error *err)
{
    if (prefix.n == 0) {
        return 0;
    }
    if (prefix.s[prefix.n - 1] != '/') {
        return error_set(err, ERROR_USAGE, "the prefix '%.*s' does not end in '/'",
                         STR_ARG(prefix));
    }
    return check_key(str_slice(prefix, 0, prefix.n - 1), err);
}

static int check_mode(const struct store *store, struct error *err)
{
    if (store->mode == STORE_READ_WRITE) {
        return 0;
    }
    return error_set(err, ERROR_NOT_ALLOWED, "the store '%.*s' may only be read in this run",
                     STR_ARG(store->url));
}

static int check_transfers(const struct transfer *transfers, size_t count, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (check_key(transfers[i].key, err) != 0) {
            return -1;
        }
        if (!digest_is_sha256_hex(transfers[i].sha256)) {
            return error_set(err, ERROR_USAGE, "'%.*s' of '%.*s' is not a SHA-256 digest",
                             STR_ARG(transfers[i].sha256), STR_ARG(transfers[i].key));
        }
    }
    return 0;
}

/* --- the calls --- */

int store_read(struct store *store, struct arena *arena, struct str key, size_t max_bytes,
               struct object *object, struct error *err)
{
    if (check_key(key, err) != 0) {
        return -1;
    }
    return store->backend->read(store, arena, key, max_bytes, object, err);
}

int store_write(struct store *store, struct str key, struct str bytes, const char *content_type,
                struct precondition precondition, struct error *err)
{
    if (check_mode(store, err) != 0 || check_key(key, err) != 0) {
        return -1;
    }
    return store->backend->write(store, key, bytes, content_type, precondition, err);
}

int store_list(struct store *store, struct arena *arena, struct str prefix,
               bool (*visit)(void *context, const struct listed *object), void *context,
               struct error *err)
{
    if (check_prefix(prefix, err) != 0) {
        return -1;
    }
    return store->backend->list(store, arena, prefix, visit, context, err);
}

int store_list_folders(struct store *store, struct arena *arena, struct str prefix,
                       struct str **names, size_t *count, struct error *err)
{
    if (check_prefix(prefix, err) != 0) {
        return -1;
    }
    return store->backend->list_folders(store, arena, prefix, names, count, err);
}

int store_remove(struct store *store, struct str key, struct precondition precondition,
                 struct error *err)
{
    if (precondition.kind == STORE_IF_ABSENT) {
        BUG("an object that must be absent cannot be removed");
    }
    if (check_mode(store, err) != 0 || check_key(key, err) != 0) {
        return -1;
    }
    return store->backend->remove(store, key, precondition, err);
}

int store_check_write(struct store *store, struct str prefix, struct error *err)
{
    if (check_mode(store, err) != 0 || check_prefix(prefix, err) != 0) {
        return -1;
    }
    return store->backend->check_write(store, prefix, err);
}

int store_download(struct store *store, struct transfer *transfers, size_t count,
                   const struct transfer_calls *calls, struct error *err)
{
    if (check_transfers(transfers, count, err) != 0) {
        return -1;
    }
    if (count == 0) {
        return 0;
    }
    return store->cache ? cached_download(store, transfers, count, calls, err)
                        : store->backend->download(store, transfers, count, calls, err);
}

int store_upload(struct store *store, struct transfer *transfers, size_t count,
                 const struct transfer_calls *calls, struct error *err)
{
    if (check_mode(store, err) != 0 || check_transfers(transfers, count, err) != 0) {
        return -1;
    }
    return count == 0 ? 0 : store->backend->upload(store, transfers, count, calls, err);
}
