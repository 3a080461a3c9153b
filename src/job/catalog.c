#include "job/catalog.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/path.h"
#include "base/table.h"
#include "job/context.h"
#include "job/fragments.h"
#include "job/location.h"
#include "job/shown.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "sys/fd.h"
#include "sys/fs.h"

#define SUFFIX           ".yaml"
#define OTHER_SUFFIX     ".yml" /* which people write too; jobrun finds only one of them */
#define CATALOG_JOBS_MAX 10000
#define NAMES_SHOWN_MAX  20

static const struct span NOWHERE;

/* A file that was read, or that could not be. */
struct catalog_entry {
    struct str real;                   /* its absolute path without links: what tells files apart */
    struct str path;                   /* from the workspace root, else absolute */
    const struct node *root;           /* its document, where that was read before; or NULL */
    const struct manifest *manifest;   /* NULL: it gave none */
    struct str text, fragment_digests; /* what the digest is made of */
    struct str digest;                 /* empty: nobody has asked for it */
};

struct catalog {
    struct arena *arena;
    const struct context *context;
    struct table by_path, by_manifest; /* of entries */
    struct str folder, real_folder;    /* that a file was read in last; .s NULL: none */
    struct fragments fragments;
    struct str *names;
    size_t name_count, name_capacity;
    bool names_known;
};

struct catalog *catalog_make(struct arena *arena, const struct context *context)
{
    struct catalog *catalog = arena_alloc(arena, sizeof *catalog);

    *catalog = (struct catalog){.arena = arena,
                                .context = context,
                                .by_path = table_make(arena),
                                .by_manifest = table_make(arena),
                                .fragments = fragments_make(arena, context)};
    return catalog;
}

static struct str last_segment(struct str path)
{
    size_t folder = path_folder(path).n;

    return str_after(path, folder > 0 || str_starts(path, STR("/")) ? folder + 1 : 0);
}

/* "build" of "manifests/build.yaml", of "build.yml" and of "build". */
static struct str stem_of(struct str path)
{
    struct str name = last_segment(path);

    if (str_ends(name, STR(SUFFIX))) {
        name.n -= sizeof SUFFIX - 1;
    } else if (str_ends(name, STR(OTHER_SUFFIX))) {
        name.n -= sizeof OTHER_SUFFIX - 1;
    }
    return name;
}

static struct str manifests_folder(const struct catalog *catalog)
{
    return location_normal(catalog->arena, fs_join(catalog->arena, catalog->context->root,
                                                   catalog->context->config.manifests));
}

static struct str job_path(const struct catalog *catalog, struct str job, const char *suffix)
{
    struct str name = str_format(catalog->arena, "%.*s%s", STR_ARG(job), suffix);

    return fs_join(catalog->arena, manifests_folder(catalog), name);
}

static struct str path_from_root(const struct catalog *catalog, struct str path, struct str real)
{
    struct str rest;

    if (location_is_within(catalog->context->root, path, &rest) ||
        location_is_within(catalog->context->root, real, &rest)) {
        return rest;
    }
    return path;
}

static void report_too_large(struct arena *arena, struct str name, struct diags *diags)
{
    const struct source *source = source_make(arena, name, (struct str){"", 0});

    rule_report(diags, RULE_LIMIT, (struct span){.source = source},
                "the file has more than the %zu bytes that are allowed", DOCUMENT_BYTES_MAX);
}

/* Parses the manifest with its fragments. */
static void parse_manifest(struct catalog *catalog, struct catalog_entry *entry,
                           const struct source *source, struct str stem, struct diags *diags)
{
    struct arena *arena = catalog->arena;
    struct including including = including_begin(&catalog->fragments, path_folder(entry->real));
    const struct fragment_reader reader = including_reader(&including);

    entry->text = source->text;
    entry->manifest = entry->root != NULL
                          ? manifest_from_document(arena, entry->root, source, stem, &reader, diags)
                          : manifest_parse(arena, source, stem, &reader, diags);
    if (including.digests.n > 0) {
        entry->fragment_digests = buf_str(&including.digests);
    }
}

/* fs_real_path() of a file, of which it may be known that it is no link; most are asked
 * for one after the other in one folder. */
static int find_real_path(struct catalog *catalog, struct str path, bool is_no_link,
                          struct str *real, struct error *err)
{
    struct arena *arena = catalog->arena;
    struct str folder = path_folder(path);
    struct stat st;

    if (!is_no_link && (lstat(path.s, &st) != 0 || S_ISLNK(st.st_mode))) {
        return fs_real_path(arena, path.s, real, err);
    }
    if (catalog->folder.s == NULL || !str_equal(catalog->folder, folder)) {
        struct str kept = str_copy(arena, folder.n > 0 ? folder : STR("/"));
        if (fs_real_path(arena, kept.s, &catalog->real_folder, err) != 0) {
            return -1;
        }
        catalog->folder = folder.n > 0 ? kept : folder;
    }
    *real = fs_join(arena, catalog->real_folder, last_segment(path));
    return 0;
}

static struct str manifest_key(const struct manifest *const *manifest)
{
    return (struct str){(const char *)manifest, sizeof *manifest};
}

static const struct manifest *keep_entry(struct catalog *catalog, const struct catalog_entry *entry)
{
    struct catalog_entry *kept = arena_alloc(catalog->arena, sizeof *kept);

    *kept = *entry;
    *table_at(&catalog->by_path, kept->real) = kept;
    if (kept->manifest != NULL) {
        *table_at(&catalog->by_manifest, manifest_key(&kept->manifest)) = kept;
    }
    return kept->manifest;
}

static void report_unread(struct arena *arena, struct str name, const struct error *problem,
                          struct diags *diags)
{
    if (problem->kind == ERROR_LIMIT) {
        report_too_large(arena, name, diags);
    } else {
        diag_from_error(diags, STATUS_MANIFEST, rule_id(RULE_FILE), NOWHERE, problem);
    }
}

/* Reads a file once; `name` is how problems in it call it. */
static const struct manifest *read_manifest(struct catalog *catalog, struct str path,
                                            struct str name, struct diags *diags)
{
    struct arena *arena = catalog->arena;
    struct error problem = {0};
    size_t before = diags->count;
    struct str real, text;

    if (find_real_path(catalog, path, false, &real, &problem) != 0) {
        diag_from_error(diags, STATUS_MANIFEST, rule_id(RULE_FILE), NOWHERE, &problem);
        return NULL;
    }
    const struct catalog_entry *known = table_find(&catalog->by_path, real);
    if (known != NULL) {
        return known->manifest;
    }
    struct catalog_entry entry = {.real = real, .path = path_from_root(catalog, path, real)};
    if (fs_read_file(arena, path.s, DOCUMENT_BYTES_MAX, &text, &problem) == 0) {
        const struct source *source = source_make(arena, name, text);
        parse_manifest(catalog, &entry, source, stem_of(path), diags);
    } else {
        report_unread(arena, name, &problem, diags);
    }
    diags_stop_run(diags, before);
    return keep_entry(catalog, &entry);
}

/* The nearest of the jobs and of what else there is, or all jobs. */
static void help_with_names(struct catalog *catalog, struct diag *d, struct str stem,
                            const struct str *also, size_t also_count)
{
    struct str *names;
    size_t count;

    catalog_names(catalog, &names, &count);
    struct str *all = arena_array(catalog->arena, count + also_count, sizeof *all);
    for (size_t i = 0; i < count + also_count; i++) {
        all[i] = i < count ? names[i] : also[i - count];
    }
    if (diag_help_nearest(d, stem, all, count + also_count) || count == 0) {
        return;
    }
    struct buf list = buf_make(catalog->arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < count && i < NAMES_SHOWN_MAX; i++) {
        buf_addf(&list, "%s%.*s", i > 0 ? ", " : "", STR_ARG(names[i]));
    }
    diag_help(d, "the jobs are: %.*s%s", STR_ARG(buf_str(&list)),
              count > NAMES_SHOWN_MAX ? ", ..." : "");
}

void catalog_report_missing(struct catalog *catalog, struct str path, const struct str *also,
                            size_t also_count, struct diags *diags)
{
    const struct context *context = catalog->context;
    struct arena *arena = catalog->arena;
    struct str stem = stem_of(path);
    bool is_name = str_equal(stem, path);
    struct str looked_at = name_is_job(stem) ? job_path(catalog, stem, SUFFIX) : (struct str){0};
    struct str other = name_is_job(stem) ? job_path(catalog, stem, OTHER_SUFFIX) : (struct str){0};
    struct diag *d =
        diag_error(diags, STATUS_USAGE, rule_id(RULE_JOB), NOWHERE, "there is no %s '%.*s'%s",
                   is_name ? "job" : "file", STR_ARG(shown_text(arena, path)),
                   also_count > 0 ? ", and no command of that name" : "");

    if (is_name) {
        struct str where = looked_at.n > 0 ? looked_at : manifests_folder(catalog);
        diag_note(d, looked_at.n > 0 ? "looked for '%.*s'" : "looked in '%.*s'",
                  STR_ARG(location_relative(arena, context->start, where)));
    }
    if (other.n > 0 && fs_exists(other.s)) {
        diag_help(d, "rename '%.*s': the name of a manifest ends in %s",
                  STR_ARG(location_relative(arena, context->start, other)), SUFFIX);
    } else if (!is_name && looked_at.n > 0 && fs_exists(looked_at.s)) {
        diag_help(d, "did you mean '%.*s'?",
                  STR_ARG(location_relative(arena, context->start, looked_at)));
    } else {
        help_with_names(catalog, d, stem, also, also_count);
    }
}

const struct manifest *catalog_read(struct catalog *catalog, struct str path, struct diags *diags)
{
    struct str absolute =
        location_normal(catalog->arena, fs_join(catalog->arena, catalog->context->start, path));

    if (path.n == 0 || !fs_exists(absolute.s)) {
        catalog_report_missing(catalog, path, NULL, 0, diags);
        return NULL;
    }
    if (!str_ends(path, STR(SUFFIX))) {
        struct diag *d =
            diag_error(diags, STATUS_USAGE, rule_id(RULE_JOB), NOWHERE, "'%.*s' is not a manifest",
                       STR_ARG(shown_text(catalog->arena, path)));
        diag_help(d, "the name of a manifest ends in %s", SUFFIX);
        return NULL;
    }
    return read_manifest(catalog, absolute, path, diags);
}

const struct manifest *catalog_read_text(struct catalog *catalog, struct str path, struct str text,
                                         struct diags *diags)
{
    struct arena *arena = catalog->arena;
    struct str absolute = location_normal(
        arena, fs_join(arena, catalog->context->start, path.n > 0 ? path : STR("-")));
    struct error not_there = {0};
    struct str real = absolute;
    size_t before = diags->count;

    if (path.n > 0 && fs_real_path(arena, absolute.s, &real, &not_there) != 0) {
        real = absolute;
    }
    struct catalog_entry entry = {.real = real, .path = path_from_root(catalog, absolute, real)};
    struct str name = path.n > 0 ? path : STR(SOURCE_STDIN);
    if (text.n > DOCUMENT_BYTES_MAX) {
        report_too_large(arena, name, diags);
    } else {
        struct str stem = path.n > 0 ? stem_of(path) : (struct str){0};
        parse_manifest(catalog, &entry, source_make(arena, name, text), stem, diags);
    }
    diags_stop_run(diags, before);
    return keep_entry(catalog, &entry);
}

const struct manifest *catalog_find(struct catalog *catalog, struct str job, struct diags *diags)
{
    if (!name_is_job(job)) {
        return NULL;
    }
    struct str path = job_path(catalog, job, SUFFIX);
    if (!fs_exists(path.s)) {
        return NULL;
    }
    struct str name = location_relative(catalog->arena, catalog->context->start, path);
    return read_manifest(catalog, path, name, diags);
}

/* Whether the text, with its document, has a top-level `job`. A text that is no
 * document (NULL) counts by its lines, so that a broken manifest is found, and
 * reported, by its name. */
static bool has_job(const struct node *root, struct str text)
{
    if (root != NULL) {
        return root->kind == NODE_MAPPING && node_find(root, "job") != NULL;
    }
    while (text.n > 0) {
        struct str line;
        str_cut(text, '\n', &line, &text);
        if (str_starts(line, STR("job:"))) {
            return true;
        }
    }
    return false;
}

static bool is_manifest(struct arena *arena, struct str text)
{
    struct diags unheard = diags_make(arena);
    const struct source *source = source_make(arena, STR("manifest"), text);

    return has_job(document_parse(arena, source, &unheard), text);
}

/* Whether a file is to be read as a manifest. One that cannot be read is: it is
 * reported when it is asked for. */
static bool file_is_manifest(struct str path)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct error unread = {0};
    struct str text;

    if (fs_read_file(&scratch, path.s, DOCUMENT_BYTES_MAX, &text, &unread) == 0) {
        return is_manifest(&scratch, text);
    }
    return unread.kind != ERROR_NOT_FOUND;
}

bool catalog_is_manifest(const struct catalog *catalog, struct str path)
{
    return file_is_manifest(fs_join(catalog->arena, catalog->context->start, path));
}

/* What was read of a file that turns out to be no manifest is given back. */
static bool read_found(struct catalog *catalog, struct catalog_entry *entry, struct str path,
                       struct str name, struct diags *diags)
{
    struct arena *arena = catalog->arena;
    struct arena nodes CLEANUP(arena_free) = {0};
    struct arena_mark mark = arena_mark(arena);
    struct error problem = {0};
    struct str text;

    if (fs_read_file(arena, path.s, DOCUMENT_BYTES_MAX, &text, &problem) != 0) {
        if (problem.kind != ERROR_NOT_FOUND) {
            report_unread(arena, name, &problem, diags);
        }
        return problem.kind != ERROR_NOT_FOUND;
    }
    const struct source *source = source_make(arena, name, text);
    struct arena_mark text_end = arena_mark(arena);
    struct diags heard = diags_make(arena);
    const struct node *root = document_parse_apart(&nodes, arena, source, &heard);
    if (!has_job(root, text)) {
        arena_rewind(arena, mark);
        return false;
    }
    entry->root = root;
    if (heard.count > 0) { /* it is read once more, for them to be reported */
        arena_rewind(arena, text_end);
        entry->root = NULL;
    }
    parse_manifest(catalog, entry, source, stem_of(path), diags);
    entry->root = NULL;
    return true;
}

bool catalog_read_found(struct catalog *catalog, struct str path, struct diags *diags,
                        const struct manifest **manifest)
{
    struct arena *arena = catalog->arena;
    struct str absolute = location_normal(arena, fs_join(arena, catalog->context->start, path));
    struct error problem = {0};
    struct str real;

    *manifest = NULL;
    if (find_real_path(catalog, absolute, true, &real, &problem) != 0) {
        return false;
    }
    const struct catalog_entry *known = table_find(&catalog->by_path, real);
    if (known != NULL) {
        *manifest = known->manifest;
        return file_is_manifest(absolute);
    }
    struct catalog_entry entry = {.real = real, .path = path_from_root(catalog, absolute, real)};
    size_t before = diags->count;
    if (!read_found(catalog, &entry, absolute, path, diags)) {
        return false;
    }
    diags_stop_run(diags, before);
    *manifest = keep_entry(catalog, &entry);
    return true;
}

struct names_walk {
    struct catalog *catalog;
    struct str folder;
};

static enum fs_walk visit_manifest(void *context, const struct fs_entry *entry, struct error *err)
{
    struct names_walk *walk = context;
    struct catalog *catalog = walk->catalog;
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str stem = stem_of(entry->path);

    (void)err;
    if (entry->kind == FS_FOLDER) {
        return FS_WALK_SKIP;
    }
    if (entry->kind == FS_OTHER || !str_ends(entry->path, STR(SUFFIX)) || !name_is_job(stem)) {
        return FS_WALK_ON;
    }
    if (catalog->name_count == CATALOG_JOBS_MAX) {
        return FS_WALK_SKIP;
    }
    if (!file_is_manifest(fs_join(&scratch, walk->folder, entry->path))) {
        return FS_WALK_ON;
    }
    *ARENA_PUSH(catalog->arena, catalog->names, catalog->name_count, catalog->name_capacity) =
        str_copy(catalog->arena, stem);
    return FS_WALK_ON;
}

void catalog_names(struct catalog *catalog, struct str **names, size_t *count)
{
    struct names_walk walk = {catalog, manifests_folder(catalog)};
    struct error no_folder = {0};
    int fd CLEANUP(fd_close) = -1;

    /* A folder that is not there, or that may not be read, has no jobs. */
    if (!catalog->names_known && fs_open_folder(walk.folder.s, &fd, &no_folder) == 0 &&
        fs_walk(fd, "", visit_manifest, &walk, &no_folder) != 0) {
        catalog->name_count = 0;
    }
    if (!catalog->names_known && catalog->name_count > 1) {
        qsort(catalog->names, catalog->name_count, sizeof *catalog->names, str_compare_for_sort);
    }
    catalog->names_known = true;
    *names = catalog->names;
    *count = catalog->name_count;
}

static struct catalog_entry *entry_of(const struct catalog *catalog,
                                      const struct manifest *manifest)
{
    struct catalog_entry *entry = table_find(&catalog->by_manifest, manifest_key(&manifest));

    if (entry == NULL) {
        BUG("a manifest that this catalog did not read");
    }
    return entry;
}

struct str catalog_path(const struct catalog *catalog, const struct manifest *manifest)
{
    return entry_of(catalog, manifest)->path;
}

/* That of a manifest without fragments is that of its text; else that of the digests
 * of all texts. */
struct str catalog_digest(const struct catalog *catalog, const struct manifest *manifest)
{
    struct catalog_entry *entry = entry_of(catalog, manifest);
    struct arena *arena = catalog->arena;

    if (entry->digest.n == 0) {
        entry->digest = sha256_hex(arena, entry->text);
        if (entry->fragment_digests.n > 0) {
            struct str all = str_format(arena, "%.*s%.*s\n", STR_ARG(entry->fragment_digests),
                                        STR_ARG(entry->digest));
            entry->digest = sha256_hex(arena, all);
        }
    }
    return entry->digest;
}
