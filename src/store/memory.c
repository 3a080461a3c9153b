#include "store/memory.h"

#include "base/arena.h"
#include "store/backend.h"
#include "sys/fd.h"

#define OBJECT_BYTES_MAX ((size_t)64 << 20)

struct entry {
    struct str key;
    struct str bytes;
    struct str version;
};

struct memory_store {
    struct store store;
    struct entry *entries; /* sorted by key */
    size_t count, capacity;
    uint64_t generation;     /* of the newest version */
    enum error_kind failure; /* ERROR_NONE: none to come */
    size_t calls_before_failure;
};

static struct memory_store *memory_of(struct store *store)
{
    return (struct memory_store *)(void *)store;
}

static struct str memory_address(const struct store *store, struct arena *arena, struct str key)
{
    return str_format(arena, "%.*s%.*s", STR_ARG(store->url), STR_ARG(key));
}

static void memory_close(struct store *store)
{
    (void)store;
}

static int cannot(const struct store *store, const char *doing, struct str key,
                  enum error_kind kind, const char *why, struct error *err)
{
    return error_set(err, kind, "cannot %s '%.*s%.*s': %s", doing, STR_ARG(store->url),
                     STR_ARG(key), why);
}

/* Counts a call; the one that is to fail does. */
static int begin_call(struct memory_store *memory, const char *doing, struct str key,
                      struct error *err)
{
    if (memory->failure == ERROR_NONE) {
        return 0;
    }
    if (memory->calls_before_failure > 0) {
        memory->calls_before_failure--;
        return 0;
    }
    enum error_kind kind = memory->failure;
    memory->failure = ERROR_NONE;
    return cannot(&memory->store, doing, key, kind, "a failure on demand", err);
}

/* The place of the first entry whose key is not before this one. */
static size_t place_of(const struct memory_store *memory, struct str key)
{
    size_t low = 0;
    size_t high = memory->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_compare(memory->entries[middle].key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct entry *find(const struct memory_store *memory, struct str key)
{
    size_t at = place_of(memory, key);
    bool found = at < memory->count && str_equal(memory->entries[at].key, key);
    return found ? &memory->entries[at] : NULL;
}

static void put(struct memory_store *memory, struct str key, struct str bytes)
{
    struct arena *arena = memory->store.arena;
    struct entry *entry = find(memory, key);
    if (!entry) {
        size_t at = place_of(memory, key);
        struct entry *last = ARENA_PUSH(arena, memory->entries, memory->count, memory->capacity);
        entry = &memory->entries[at];
        memmove(entry + 1, entry, (size_t)(last - entry) * sizeof *entry);
        entry->key = str_copy(arena, key);
    }
    entry->bytes = str_copy(arena, bytes);
    entry->version = str_format(arena, "%ju", (uintmax_t)++memory->generation);
}

/* NULL where the precondition holds. */
static const char *conflict(const struct entry *entry, struct precondition precondition)
{
    switch (precondition.kind) {
    case STORE_IF_ABSENT:
        return entry ? "it is there already" : NULL;
    case STORE_IF_VERSION:
        if (!entry) {
            return "somebody else removed it meanwhile";
        }
        return str_equal(entry->version, precondition.version)
                   ? NULL
                   : "somebody else changed it meanwhile";
    case STORE_ALWAYS:
        return NULL;
    }
    BUG("precondition %d", (int)precondition.kind);
}

static int memory_read(struct store *store, struct arena *arena, struct str key, size_t max_bytes,
                       struct object *object, struct error *err)
{
    struct memory_store *memory = memory_of(store);
    if (begin_call(memory, "read", key, err) != 0) {
        return -1;
    }
    const struct entry *entry = find(memory, key);
    if (!entry) {
        return cannot(store, "read", key, ERROR_NOT_FOUND, "it is not there", err);
    }
    if (entry->bytes.n > max_bytes) {
        return cannot(store, "read", key, ERROR_LIMIT, "it is too large", err);
    }
    *object = (struct object){.bytes = str_copy(arena, entry->bytes),
                              .size_bytes = entry->bytes.n,
                              .version = str_copy(arena, entry->version)};
    return 0;
}

static int memory_write(struct store *store, struct str key, struct str bytes,
                        const char *content_type, struct precondition precondition,
                        struct error *err)
{
    struct memory_store *memory = memory_of(store);
    (void)content_type;
    if (begin_call(memory, "write", key, err) != 0) {
        return -1;
    }
    const char *why = conflict(find(memory, key), precondition);
    if (why) {
        return cannot(store, "write", key, ERROR_CONFLICT, why, err);
    }
    put(memory, key, bytes);
    return 0;
}

static int memory_list(struct store *store, struct arena *arena, struct str prefix,
                       bool (*visit)(void *context, const struct listed *object), void *context,
                       struct error *err)
{
    struct memory_store *memory = memory_of(store);
    bool go_on = true;
    if (begin_call(memory, "list", prefix, err) != 0) {
        return -1;
    }
    for (size_t i = place_of(memory, prefix); i < memory->count && go_on; i++) {
        const struct entry *entry = &memory->entries[i];
        if (!str_starts(entry->key, prefix)) {
            break;
        }
        struct listed object = {.key = str_copy(arena, entry->key),
                                .size_bytes = entry->bytes.n,
                                .version = str_copy(arena, entry->version)};
        go_on = visit(context, &object);
    }
    return 0;
}

static int memory_list_folders(struct store *store, struct arena *arena, struct str prefix,
                               struct str **names, size_t *count, struct error *err)
{
    struct memory_store *memory = memory_of(store);
    size_t capacity = 0;
    *names = NULL;
    *count = 0;
    if (begin_call(memory, "list", prefix, err) != 0) {
        return -1;
    }
    for (size_t i = place_of(memory, prefix); i < memory->count; i++) {
        struct str key = memory->entries[i].key;
        struct str name;
        struct str rest;
        if (!str_starts(key, prefix)) {
            break;
        }
        if (!str_cut(str_after(key, prefix.n), '/', &name, &rest)) {
            continue;
        }
        if (*count == 0 || !str_equal((*names)[*count - 1], name)) {
            *ARENA_PUSH(arena, *names, *count, capacity) = str_copy(arena, name);
        }
    }
    /* "a-b/" comes before "a/", but "a" before "a-b". */
    if (*count > 0) {
        qsort(*names, *count, sizeof **names, str_compare_for_sort);
    }
    return 0;
}

static int memory_remove(struct store *store, struct str key, struct precondition precondition,
                         struct error *err)
{
    struct memory_store *memory = memory_of(store);
    if (begin_call(memory, "remove", key, err) != 0) {
        return -1;
    }
    struct entry *entry = find(memory, key);
    if (!entry) {
        return cannot(store, "remove", key, ERROR_NOT_FOUND, "it is not there", err);
    }
    const char *why = conflict(entry, precondition);
    if (why) {
        return cannot(store, "remove", key, ERROR_CONFLICT, why, err);
    }
    const struct entry *end = memory->entries + memory->count--;
    memmove(entry, entry + 1, (size_t)(end - entry - 1) * sizeof *entry);
    return 0;
}

static int memory_check_write(struct store *store, struct str prefix, struct error *err)
{
    return begin_call(memory_of(store), "write", prefix, err);
}

/* --- transfers --- */

/* Whether bytes are what a transfer promises. */
static int check_bytes(const struct store *store, const char *doing,
                       const struct transfer *transfer, struct str bytes, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str sha256 = sha256_hex(&scratch, bytes);
    if (bytes.n == transfer->size_bytes && str_equal(sha256, transfer->sha256)) {
        return 0;
    }
    struct str why = str_format(
        &scratch, "it has %zu bytes with SHA-256 %.*s, and should have %ju with SHA-256 %.*s",
        bytes.n, STR_ARG(sha256), (uintmax_t)transfer->size_bytes, STR_ARG(transfer->sha256));
    return cannot(store, doing, transfer->key, ERROR_DAMAGED, why.s, err);
}

static int download_one(struct memory_store *memory, struct transfer *transfer, int fd,
                        struct error *err)
{
    const struct store *store = &memory->store;
    const struct entry *entry = find(memory, transfer->key);
    if (!entry) {
        return cannot(store, "read", transfer->key, ERROR_NOT_FOUND, "it is not there", err);
    }
    if (transfer->version.n > 0 && !str_equal(transfer->version, entry->version)) {
        return cannot(store, "read", transfer->key, ERROR_DAMAGED,
                      "it is not the version that was asked for", err);
    }
    if (check_bytes(store, "read", transfer, entry->bytes, err) != 0) {
        return -1;
    }
    return fd_write_all(fd, entry->bytes.s, entry->bytes.n, "the copy of an object", err);
}

static int upload_one(struct memory_store *memory, struct transfer *transfer, int fd,
                      struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct store *store = &memory->store;
    const struct entry *entry = find(memory, transfer->key);
    struct str bytes;
    if (transfer->size_bytes > OBJECT_BYTES_MAX) {
        return cannot(store, "write", transfer->key, ERROR_LIMIT, "it is too large", err);
    }
    size_t wanted = (size_t)transfer->size_bytes + 1;
    char *block = arena_alloc(&scratch, wanted);
    if (fd_read_full(fd, block, wanted, &bytes.n, "the file of an object", err) != 0) {
        return -1;
    }
    bytes.s = block;
    transfer->was_there = entry && str_equal(entry->bytes, bytes);
    if (check_bytes(store, "write", transfer, bytes, err) != 0) {
        return -1;
    }
    if (entry && !transfer->was_there) {
        return cannot(store, "write", transfer->key, ERROR_CONFLICT,
                      "it is there already with other bytes", err);
    }
    if (!entry) {
        put(memory, transfer->key, bytes);
    }
    return 0;
}

static int transfer_all(struct store *store, struct transfer *transfers, size_t count,
                        const struct transfer_calls *calls, bool upload, struct error *err)
{
    struct memory_store *memory = memory_of(store);
    for (size_t i = 0; i < count; i++) {
        struct transfer *transfer = &transfers[i];
        int fd CLEANUP(fd_close) = -1;
        if (calls->open(calls->context, i, &fd, err) != 0 ||
            begin_call(memory, upload ? "write" : "read", transfer->key, err) != 0) {
            return -1;
        }
        if ((upload ? upload_one : download_one)(memory, transfer, fd, err) != 0) {
            transfer->is_damaged =
                !upload && (err->kind == ERROR_DAMAGED || err->kind == ERROR_NOT_FOUND);
            return -1;
        }
        fd_close(&fd);
        if (calls->progress && !(upload && transfer->was_there)) {
            calls->progress(calls->context, transfer->size_bytes);
        }
        if (calls->done(calls->context, i, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int memory_download(struct store *store, struct transfer *transfers, size_t count,
                           const struct transfer_calls *calls, struct error *err)
{
    return transfer_all(store, transfers, count, calls, false, err);
}

static int memory_upload(struct store *store, struct transfer *transfers, size_t count,
                         const struct transfer_calls *calls, struct error *err)
{
    return transfer_all(store, transfers, count, calls, true, err);
}

static const struct backend BACKEND = {
    .close = memory_close,
    .address = memory_address,
    .read = memory_read,
    .write = memory_write,
    .list = memory_list,
    .list_folders = memory_list_folders,
    .remove = memory_remove,
    .check_write = memory_check_write,
    .download = memory_download,
    .upload = memory_upload,
};

struct store *memory_store_open(struct arena *arena)
{
    struct memory_store *memory = arena_alloc(arena, sizeof *memory);
    memory->store = (struct store){
        .backend = &BACKEND, .arena = arena, .url = STR("memory://"), .mode = STORE_READ_WRITE};
    return &memory->store;
}

void memory_store_fail(struct store *store, size_t after, enum error_kind kind)
{
    struct memory_store *memory = memory_of(store);
    memory->failure = kind;
    memory->calls_before_failure = after;
}

void memory_store_use_cache(struct store *store, struct cache *cache)
{
    store->cache = cache;
}

size_t memory_store_count(const struct store *store)
{
    return ((const struct memory_store *)(const void *)store)->count;
}
