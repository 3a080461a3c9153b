#include "job/fragments.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "job/context.h"
#include "job/location.h"
#include "manifest/document.h"
#include "sys/fs.h"

struct fragment {
    const struct source *source;
    const struct node *root; /* its document, where it was parsed, without a problem */
    struct str digest;
};

struct fragments fragments_make(struct arena *arena, const struct context *context)
{
    return (struct fragments){.arena = arena,
                              .context = context,
                              .by_path = table_make(arena),
                              .by_real_path = table_make(arena),
                              .by_source = table_make(arena)};
}

static int report_fragment(const struct fragments *fragments, struct str absolute,
                           struct error *err)
{
    struct str shown = location_relative(fragments->arena, fragments->context->start, absolute);

    if (err->kind == ERROR_LIMIT) {
        return error_set(err, ERROR_LIMIT,
                         "fragment '%.*s' has more than the %zu bytes that are allowed",
                         STR_ARG(shown), DOCUMENT_BYTES_MAX);
    }
    if (err->kind != ERROR_NOT_FOUND) {
        return -1;
    }
    *err = (struct error){0};
    error_set(err, ERROR_NOT_FOUND, "there is no fragment '%.*s'", STR_ARG(shown));
    return error_help(err, "paths in 'include' begin at the manifest's folder");
}

static struct str source_key(const struct source *const *source)
{
    return (struct str){(const char *)source, sizeof *source};
}

/* The fragment of the file, read where it was not. NULL: err is set. */
static const struct fragment *read_file(struct fragments *fragments, struct str absolute,
                                        struct error *err)
{
    struct arena *arena = fragments->arena;
    struct fragment *fragment;
    struct str real, text;

    if (fs_real_path(arena, absolute.s, &real, err) != 0) {
        report_fragment(fragments, absolute, err);
        return NULL;
    }
    if (!location_is_within(fragments->context->root, real, NULL)) {
        error_set(err, ERROR_MANIFEST,
                  "the fragment is a link to a place outside of the "
                  "workspace: '%.*s'",
                  STR_ARG(real));
        return NULL;
    }
    fragment = table_find(&fragments->by_real_path, real);
    if (fragment != NULL) {
        return fragment;
    }
    if (fs_read_file(arena, real.s, DOCUMENT_BYTES_MAX, &text, err) != 0) {
        report_fragment(fragments, absolute, err);
        return NULL;
    }
    struct str name = location_relative(arena, fragments->context->start, absolute);
    fragment = arena_alloc(arena, sizeof *fragment);
    *fragment = (struct fragment){.source = source_make(arena, name, text),
                                  .digest = sha256_hex(arena, text)};
    *table_at(&fragments->by_real_path, real) = fragment;
    *table_at(&fragments->by_source, source_key(&fragment->source)) = fragment;
    return fragment;
}

/* The same of a path that was perhaps asked for before. */
static const struct fragment *find_fragment(struct fragments *fragments, struct str absolute,
                                            struct error *err)
{
    const struct fragment *fragment = table_find(&fragments->by_path, absolute);

    if (fragment == NULL) {
        fragment = read_file(fragments, absolute, err);
        *table_at(&fragments->by_path, absolute) = (void *)(uintptr_t)fragment;
    }
    return fragment;
}

static int read_fragment(void *context, struct str path, const struct source **source,
                         struct error *err)
{
    struct including *including = context;
    struct fragments *fragments = including->fragments;
    struct str absolute =
        location_normal(fragments->arena, fs_join(fragments->arena, including->folder, path));

    if (!location_is_within(fragments->context->root, absolute, NULL)) {
        error_set(err, ERROR_MANIFEST, "the fragment is outside of the workspace '%.*s'",
                  STR_ARG(fragments->context->root));
        return error_help(err, "only what the repository holds can be included");
    }
    const struct fragment *fragment = find_fragment(fragments, absolute, err);
    if (fragment == NULL) {
        return -1;
    }
    buf_addf(&including->digests, "%.*s\n", STR_ARG(fragment->digest));
    *source = fragment->source;
    return 0;
}

static const struct node *parse_fragment(void *context, const struct source *source,
                                         struct diags *diags)
{
    struct including *including = context;
    struct fragments *fragments = including->fragments;
    struct fragment *fragment = table_find(&fragments->by_source, source_key(&source));
    size_t before = diags->count;

    if (fragment->root != NULL) {
        return fragment->root;
    }
    const struct node *root = document_parse(fragments->arena, source, diags);
    if (diags->count == before) {
        fragment->root = root;
    }
    return root;
}

struct including including_begin(struct fragments *fragments, struct str folder)
{
    return (struct including){.fragments = fragments,
                              .folder = folder.n > 0 ? folder : STR("/"),
                              .digests = buf_make(fragments->arena, BUF_MAX_DEFAULT)};
}

struct fragment_reader including_reader(struct including *including)
{
    return (struct fragment_reader){read_fragment, parse_fragment, including};
}
