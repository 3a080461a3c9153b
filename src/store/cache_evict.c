/* What is least recently used goes first. Other processes may put in, take and
 * remove meanwhile: what one of them has removed already is no harm, and what one
 * has just used is fetched again. */
#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "store/cache_parts.h"
#include "sys/fs.h"

#include <unistd.h>

/* As many entries as are looked at in one go, in limits of them: what other
 * processes have put in meanwhile may be over the limit. */
#define ENTRIES_FACTOR 2

struct kept {
    int64_t used_ns;
    uint64_t size_bytes;
    char sha256[SHA256_HEX + 1];
};

struct survey {
    struct arena arena;
    const struct cache *cache;
    struct kept *entries;
    size_t count, capacity;
    uint64_t total_bytes;
};

static void remove_entry(const struct cache *cache, struct arena *arena, struct str sha256)
{
    struct error ignored;
    /* What stays is tried again by the next run that puts something in. */
    (void)!fs_remove_beneath(cache->root, cache_path(arena, sha256), &ignored);
}

/* What is no entry is left alone: nobody is known to have put it there. */
static enum fs_walk survey_entry(void *context, const struct fs_entry *found, struct error *err)
{
    struct survey *survey = context;
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str path = found->path;
    struct str name = str_after(path, path.n < SHA256_HEX ? path.n : path.n - SHA256_HEX);
    (void)err;
    if (found->kind != FS_FILE || !digest_is_sha256_hex(name) ||
        !str_is(path, cache_path(&scratch, name))) {
        return FS_WALK_ON;
    }
    if (survey->count >= ENTRIES_FACTOR * survey->cache->limits.max_entries) {
        remove_entry(survey->cache, &scratch, name);
        return FS_WALK_ON;
    }
    struct kept *entry =
        ARENA_PUSH(&survey->arena, survey->entries, survey->count, survey->capacity);
    *entry = (struct kept){.used_ns = fs_modified_ns(&found->st),
                           .size_bytes = (uint64_t)found->st.st_size};
    memcpy(entry->sha256, name.s, SHA256_HEX);
    survey->total_bytes += entry->size_bytes;
    return FS_WALK_ON;
}

/* For qsort(3): the least recently used first. */
static int compare_use(const void *a, const void *b)
{
    const struct kept *one = a;
    const struct kept *other = b;
    if (one->used_ns != other->used_ns) {
        return one->used_ns < other->used_ns ? -1 : 1;
    }
    return strcmp(one->sha256, other->sha256);
}

void cache_evict(struct cache *cache)
{
    struct survey survey = {.cache = cache};
    struct error ignored = {0};
    const struct cache_limits *limits = &cache->limits;
    /* Of a walk that failed on its way, what was seen counts. */
    (void)!fs_walk(cache->root, CACHE_CONTENT, survey_entry, &survey, &ignored);
    size_t left = survey.count;
    if (survey.total_bytes > limits->max_bytes || left > limits->max_entries) {
        qsort(survey.entries, survey.count, sizeof *survey.entries, compare_use);
    }
    for (size_t i = 0;
         i < survey.count && (survey.total_bytes > limits->max_bytes || left > limits->max_entries);
         i++) {
        remove_entry(cache, &survey.arena, str_from(survey.entries[i].sha256));
        survey.total_bytes -= survey.entries[i].size_bytes;
        left--;
    }
    arena_free(&survey.arena);
}
