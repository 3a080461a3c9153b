#include "lint/producers.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/path.h"
#include "job/catalog.h"
#include "job/context.h"
#include "job/location.h"
#include "manifest/manifest.h"
#include "sys/fs.h"

/* What became of looking for a job. */
struct producer {
    const struct manifest *manifest; /* NULL: there is none to use */
    bool is_there;                   /* the file, whatever is in it */
};

struct producers producers_make(struct arena *arena, const struct context *context,
                                struct catalog *catalog)
{
    return (struct producers){.arena = arena,
                              .context = context,
                              .catalog = catalog,
                              .folder =
                                  context_show_path(context, arena, context->config.manifests),
                              .known = table_make(arena),
                              .workspaces = table_make(arena)};
}

static struct producer *keep(struct producers *producers, struct str key,
                             const struct manifest *manifest, bool is_there)
{
    struct producer *producer = arena_alloc(producers->arena, sizeof *producer);

    *producer = (struct producer){.manifest = manifest, .is_there = is_there};
    *table_at(&producers->known, key) = producer;
    return producer;
}

static struct str file_of(struct producers *producers, struct str folder, struct str job)
{
    return fs_join(producers->arena, folder,
                   str_format(producers->arena, "%.*s.yaml", STR_ARG(job)));
}

void producers_add(struct producers *producers, const struct manifest *manifest)
{
    if (name_is_job(manifest->name) &&
        str_equal(manifest->source->name, file_of(producers, producers->folder, manifest->name))) {
        keep(producers, manifest->name, manifest, true);
    }
}

static struct producer *find_in_workspace(struct producers *producers, struct str job)
{
    struct producer *known = table_find(&producers->known, job);
    struct diags unheard = diags_make(producers->arena);

    if (known != NULL) {
        return known;
    }
    const struct manifest *manifest = catalog_find(producers->catalog, job, &unheard);
    struct str file = file_of(
        producers,
        fs_join(producers->arena, producers->context->root, producers->context->config.manifests),
        job);
    return keep(producers, job, manifest, manifest != NULL || fs_exists(file.s));
}

/* The nearest folder upwards that is a workspace. What lies in none is on its own. */
static struct str find_workspace(const struct producers *producers, struct str folder)
{
    struct arena *arena = producers->arena;
    struct str start = location_normal(arena, fs_join(arena, producers->context->start, folder));

    for (struct str at = start; at.n > 0; at = path_folder(at)) {
        if (str_equal(at, producers->context->root) ||
            fs_exists(fs_join(arena, at, STR("jobrun.yaml")).s)) {
            return at;
        }
    }
    return start;
}

struct str producers_workspace(struct producers *producers, const struct manifest *manifest)
{
    struct str folder = path_folder(manifest->source->name);
    struct str **known = (struct str **)table_at(&producers->workspaces, folder);

    if (*known == NULL) {
        *known = arena_alloc(producers->arena, sizeof **known);
        **known = find_workspace(producers, folder);
    }
    return **known;
}

static struct producer *find_beside(struct producers *producers, struct str folder, struct str job)
{
    struct str path = file_of(producers, folder, job);
    struct producer *known = table_find(&producers->known, path);
    struct diags unheard = diags_make(producers->arena);

    if (known != NULL) {
        return known;
    }
    bool is_there = fs_exists(fs_join(producers->arena, producers->context->start, path).s);
    return keep(producers, path, is_there ? catalog_read(producers->catalog, path, &unheard) : NULL,
                is_there);
}

static const struct manifest *find(void *context, const struct manifest *consumer, struct str job,
                                   bool *is_there)
{
    struct producers *producers = context;
    bool is_own = str_equal(producers_workspace(producers, consumer), producers->context->root);
    const struct producer *producer =
        is_own ? find_in_workspace(producers, job)
               : find_beside(producers, path_folder(consumer->source->name), job);

    *is_there = producer->is_there;
    return producer->manifest;
}

static void list_names(void *context, struct str **names, size_t *count)
{
    const struct producers *producers = context;

    catalog_names(producers->catalog, names, count);
}

struct graph_finder producers_finder(struct producers *producers)
{
    return (struct graph_finder){.find = find, .names = list_names, .context = producers};
}
