#include "run/outputs.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/path.h"
#include "job/context.h"
#include "job/job.h"
#include "run/outputs_match.h"
#include "sys/fs.h"

#include <inttypes.h>

#define SHOWN_MAX 10 /* names in a note */

/* The names in a folder, for the one who looks for a file that is not there. */
struct names {
    struct arena *arena;
    const struct off_limits *off_limits;
    struct buf text;
    size_t count;
};

static enum fs_walk name_visit(void *context, const struct fs_entry *entry, struct error *err)
{
    struct names *names = context;
    struct str name = path_last_name(entry->path);

    (void)err;
    if (off_limits_holds(names->off_limits, entry->path)) {
        return FS_WALK_SKIP;
    }
    if (names->count < SHOWN_MAX) {
        buf_addf(&names->text, "%s%.*s%s", names->count > 0 ? ", " : "", STR_ARG(name),
                 entry->kind == FS_FOLDER ? "/" : "");
    }
    names->count++;
    return FS_WALK_SKIP;
}

static void note_what_is_there(const struct matching *matching, struct diag *diag,
                               struct str pattern)
{
    struct str prefix = glob_fixed_prefix(pattern);
    struct str folder = str_copy(matching->arena, path_without_slash(prefix));
    struct names names = {
        .arena = matching->arena,
        .off_limits = &matching->off_limits,
        .text = buf_make(matching->arena, DIAG_TEXT_MAX),
    };
    struct error ignored;

    if (fs_walk(matching->job->context->root_fd, folder.n > 0 ? folder.s : "", name_visit, &names,
                &ignored) < 0) {
        return;
    }
    struct str shown = folder.n > 0 ? folder : STR(".");
    if (names.count == 0) {
        diag_note(diag, "folder '%.*s' is empty", STR_ARG(shown));
    } else if (names.count > SHOWN_MAX) {
        diag_note(diag, "in '%.*s' there are: %.*s and %zu more", STR_ARG(shown),
                  STR_ARG(buf_str(&names.text)), names.count - SHOWN_MAX);
    } else {
        diag_note(diag, "in '%.*s' there is: %.*s", STR_ARG(shown), STR_ARG(buf_str(&names.text)));
    }
}

static void report_nothing(const struct matching *matching, const struct bound_output *output,
                           size_t index, struct str problem)
{
    struct str pattern = output->patterns[index];
    struct diag *diag = diag_error(
        matching->diags, STATUS_OUTPUTS, "outputs", match_span(output, index),
        "output '%.*s': nothing matches '%.*s'", STR_ARG(output->output->name), STR_ARG(pattern));

    if (problem.s != NULL) {
        diag_note(diag, "%.*s", STR_ARG(problem));
    }
    note_what_is_there(matching, diag, pattern);
}

static void note_matches(const struct matching *matching, struct diag *diag, size_t first)
{
    size_t shown = 0;

    for (size_t i = first; i < matching->count && shown < SHOWN_MAX; i++) {
        if (matching->items[i].entry.kind != ENTRY_FOLDER) {
            diag_note(diag, "matched: %.*s", STR_ARG(matching->items[i].workspace_path));
            shown++;
        }
    }
}

static struct str wanted_count(struct arena *arena, const struct output *output)
{
    if (output->count != OUTPUT_NO_COUNT) {
        return str_format(arena, "%" PRId64, output->count);
    }
    if (output->min != OUTPUT_NO_COUNT && output->max != OUTPUT_NO_COUNT) {
        return str_format(arena, "%" PRId64 " to %" PRId64, output->min, output->max);
    }
    return output->min != OUTPUT_NO_COUNT ? str_format(arena, "at least %" PRId64, output->min)
                                          : str_format(arena, "at most %" PRId64, output->max);
}

/* Files and links count; `first` is the output's first match. */
static void check_count(const struct matching *matching, const struct bound_output *output,
                        size_t first)
{
    const struct output *declared = output->output;
    int64_t count = 0;

    for (size_t i = first; i < matching->count; i++) {
        count += matching->items[i].entry.kind != ENTRY_FOLDER;
    }
    if ((declared->count == OUTPUT_NO_COUNT || count == declared->count) &&
        (declared->min == OUTPUT_NO_COUNT || count >= declared->min) &&
        (declared->max == OUTPUT_NO_COUNT || count <= declared->max)) {
        return;
    }
    struct str wanted = wanted_count(matching->arena, declared);
    struct diag *diag =
        diag_error(matching->diags, STATUS_OUTPUTS, "outputs", match_span(output, 0),
                   "output '%.*s': %" PRId64 " file%s matched, and the manifest wants %.*s",
                   STR_ARG(declared->name), count, count == 1 ? "" : "s", STR_ARG(wanted));
    note_matches(matching, diag, first);
    if (count > SHOWN_MAX) {
        diag_note(diag, "and %" PRId64 " more", count - SHOWN_MAX);
    }
}

static int compare_paths(const void *a, const void *b)
{
    const struct match *x = a;
    const struct match *y = b;
    int order = str_compare(x->workspace_path, y->workspace_path);

    return order != 0 ? order : str_compare(x->entry.path, y->entry.path);
}

/* A file that two patterns of the output match is one: with the shorter path. */
static void remove_repeats(struct matching *matching, size_t first)
{
    struct match *items = matching->items;
    size_t kept = first;

    if (matching->count - first < 2) {
        return;
    }
    qsort(items + first, matching->count - first, sizeof *items, compare_paths);
    for (size_t i = first; i < matching->count; i++) {
        if (kept > first && str_equal(items[kept - 1].workspace_path, items[i].workspace_path)) {
            if (items[i].entry.path.n < items[kept - 1].entry.path.n) {
                items[kept - 1] = items[i];
            }
        } else {
            items[kept++] = items[i];
        }
    }
    matching->count = kept;
}

static int find_output(struct matching *matching, const struct bound_output *output,
                       struct error *err)
{
    size_t first = matching->count;
    size_t problems_before = matching->diags->error_count;
    size_t all = 0, by_globs = 0;
    size_t last_glob = output->pattern_count;
    struct str why_no_glob = {0};

    for (size_t i = 0; i < output->pattern_count; i++) {
        bool is_glob = glob_has_magic(output->patterns[i]);
        size_t matched = 0;
        struct str problem;
        if (match_pattern(matching, output, i, &matched, &problem, err) < 0) {
            return error_prefix(err, "output '%.*s'", STR_ARG(output->output->name));
        }
        all += matched;
        if (is_glob) {
            by_globs += matched;
            last_glob = i;
            why_no_glob = problem;
        } else if (matched == 0 && !output->output->optional) {
            report_nothing(matching, output, i, problem);
        }
    }
    if (last_glob < output->pattern_count && by_globs == 0 && !output->output->optional) {
        report_nothing(matching, output, last_glob, why_no_glob);
    }
    remove_repeats(matching, first);
    if (all > 0 && matching->diags->error_count == problems_before) {
        check_count(matching, output, first);
    }
    return 0;
}

/* No file belongs to two outputs. */
static void check_shared(const struct matching *matching)
{
    struct match *sorted = arena_array(matching->arena, matching->count + 1, sizeof *sorted);

    for (size_t i = 0; i < matching->count; i++) {
        sorted[i] = matching->items[i];
    }
    if (matching->count > 1) {
        qsort(sorted, matching->count, sizeof *sorted, compare_paths);
    }
    for (size_t i = 1; i < matching->count; i++) {
        const struct match *a = &sorted[i - 1];
        const struct match *b = &sorted[i];
        if (str_equal(a->workspace_path, b->workspace_path) && a->output != b->output) {
            struct diag *diag = diag_error(
                matching->diags, STATUS_OUTPUTS, "outputs", match_span(b->output, 0),
                "'%.*s' belongs to two outputs, '%.*s' and '%.*s'", STR_ARG(b->workspace_path),
                STR_ARG(a->output->output->name), STR_ARG(b->output->output->name));
            diag_label(diag, match_span(a->output, 0), "the other one");
        }
    }
}

static int compare_published(const void *a, const void *b)
{
    const struct match *x = a;
    const struct match *y = b;
    int order = str_compare(x->entry.output, y->entry.output);

    return order != 0 ? order : str_compare(x->entry.path, y->entry.path);
}

/* Two files of one output may ask for one path in it, from different folders. */
static bool check_clashes(const struct matching *matching)
{
    size_t before = matching->diags->error_count;

    if (matching->count > 1) {
        qsort(matching->items, matching->count, sizeof *matching->items, compare_published);
    }
    for (size_t i = 1; i < matching->count; i++) {
        const struct match *a = &matching->items[i - 1];
        const struct match *b = &matching->items[i];
        if (compare_published(a, b) == 0) {
            diag_error(matching->diags, STATUS_OUTPUTS, "outputs", match_span(b->output, 0),
                       "output '%.*s': '%.*s' and '%.*s' would both be published as '%.*s'",
                       STR_ARG(b->entry.output), STR_ARG(a->workspace_path),
                       STR_ARG(b->workspace_path), STR_ARG(b->entry.path));
        }
    }
    return matching->diags->error_count > before;
}

static void fill(const struct matching *matching, struct outputs *outputs)
{
    size_t count = matching->count;

    outputs->artifact.entries = arena_array(matching->arena, count, sizeof(struct entry));
    outputs->files = arena_array(matching->arena, count, sizeof *outputs->files);
    outputs->artifact.count = outputs->count = count;
    for (size_t i = 0; i < count; i++) {
        outputs->artifact.entries[i] = matching->items[i].entry;
        outputs->files[i] = (struct output_file){
            .workspace_path = matching->items[i].workspace_path,
            .entry = &outputs->artifact.entries[i],
        };
        outputs->total_bytes += matching->items[i].entry.size_bytes;
    }
}

int outputs_find(struct arena *arena, const struct job *job, struct outputs *outputs,
                 struct diags *diags, struct error *err)
{
    struct matching matching = {
        .arena = arena,
        .job = job,
        .off_limits = off_limits_make(arena, job->context->root, job->context),
        .diags = diags,
    };
    size_t before = diags->error_count;
    struct error names = {0};

    *outputs = (struct outputs){0};
    for (size_t i = 0; i < job->manifest->output_count; i++) {
        if (job->outputs[i].wanted && find_output(&matching, &job->outputs[i], err) < 0) {
            return -1;
        }
    }
    check_shared(&matching);
    bool clashes = check_clashes(&matching);
    fill(&matching, outputs);
    /* What every reader of the receipt will ask, a file in the place of another
     * one's folder for example. */
    if (!clashes && diags->error_count == before &&
        artifact_check_names(&outputs->artifact, arena, &names) < 0) {
        diag_error(diags, STATUS_OUTPUTS, "outputs", (struct span){0},
                   "the outputs of job '%.*s' cannot be published: %s",
                   STR_ARG(job->manifest->name), names.message);
    }
    return 0;
}
