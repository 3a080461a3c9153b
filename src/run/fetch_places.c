#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "run/fetch.h"
#include "run/fetch_parts.h"
#include "run/landing.h"
#include "sys/fs.h"
#include "sys/git.h"

static int compare_landings(const void *a, const void *b)
{
    const struct landing *x = *(const struct landing *const *)a;
    const struct landing *y = *(const struct landing *const *)b;

    return str_compare(x->destination, y->destination);
}

static const struct landing *find_landing(const struct landing *const *sorted, size_t count,
                                          struct str path)
{
    struct landing wanted = {.destination = path};
    const struct landing *key = &wanted;
    const struct landing *const *found =
        bsearch(&key, sorted, count, sizeof *sorted, compare_landings);

    return found != NULL ? *found : NULL;
}

/* The landing at a tracked file, or at a folder that holds it. */
static const struct landing *landing_over(const struct landing *const *sorted, size_t count,
                                          struct str tracked)
{
    for (struct str path = tracked; path.n > 0; path = path_folder(path)) {
        const struct landing *landing = find_landing(sorted, count, path);
        if (landing != NULL) {
            return landing;
        }
    }
    return NULL;
}

/* Any file of the folder may be one that the archive brings. */
static void report_tracked_folder(struct arena *arena, const struct plan *plan,
                                  const struct landing *landing, struct str tracked,
                                  struct diags *diags)
{
    const struct supply *supply = landing->supply;
    struct str folder = context_show_path(plan->job->context, arena, landing->destination);
    struct str shown = context_show_path(plan->job->context, arena, tracked);
    struct diag *diag = diag_error(
        diags, STATUS_NOT_ALLOWED, "tracked", supply->element->span,
        "input '%.*s' would be unpacked into '%.*s/', which holds files that git tracks: '%.*s'",
        STR_ARG(supply->input->input->name), STR_ARG(folder), STR_ARG(shown));

    diag_note(diag, "what is in an archive is known only when it has been fetched, so that it gets "
                    "a folder without tracked files");
    diag_help(diag, "let it land elsewhere ('to'), in a folder of its own");
}

static void report_tracked(struct arena *arena, const struct plan *plan,
                           const struct landing *landing, struct str tracked, struct diags *diags)
{
    const struct supply *supply = landing->supply;
    struct str shown = context_show_path(plan->job->context, arena, tracked);
    struct diag *diag = diag_error(diags, STATUS_NOT_ALLOWED, "tracked", supply->element->span,
                                   "input '%.*s' would land on '%.*s', which git tracks",
                                   STR_ARG(supply->input->input->name), STR_ARG(shown));

    diag_help(diag,
              "let it land elsewhere ('to'), or take the file out of git: git rm --cached "
              "%.*s",
              STR_ARG(str_shell_quote(arena, shown)));
}

/* A tracked file that is what would land already is not written to. */
static int report_all_tracked(struct arena *arena, const struct plan *plan,
                              const struct landing *const *sorted, const struct str *tracked,
                              size_t tracked_count, struct diags *diags, struct error *err)
{
    struct landing *hit = arena_array(arena, tracked_count, sizeof *hit);
    struct str *paths = arena_array(arena, tracked_count, sizeof *paths);
    bool *in_place = arena_array(arena, tracked_count, sizeof *in_place);
    size_t count = 0;

    for (size_t i = 0; i < tracked_count; i++) {
        const struct landing *landing = landing_over(sorted, plan->landing_count, tracked[i]);
        if (landing != NULL) {
            hit[count] = *landing;
            paths[count++] = tracked[i];
        }
    }
    if (landings_in_place(plan->job->context->root_fd, hit, count, in_place, err) < 0) {
        return -1;
    }
    const struct supply *unpacked = NULL;
    for (size_t i = 0; i < count; i++) {
        if (hit[i].unpack == PACK_NONE && !in_place[i]) {
            report_tracked(arena, plan, &hit[i], paths[i], diags);
        } else if (hit[i].unpack != PACK_NONE && hit[i].supply != unpacked) {
            unpacked = hit[i].supply;
            report_tracked_folder(arena, plan, &hit[i], paths[i], diags);
        }
    }
    return 0;
}

/* --- repositories below the workspace root --- */

/* The folders above the places, each looked at once as far as the order of the
 * places allows. */
struct repositories {
    int root;
    struct str before; /* the folder of the place before this one */
    struct str found;  /* the repository that it lies in; empty: none */
};

static bool holds_repository(const struct repositories *repositories, struct str folder)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str path = path_below(&scratch, folder, STR(".git"));
    struct stat st;
    struct error ignored;

    return fs_stat_beneath(repositories->root, path.s, &st, &ignored) == 0;
}

static bool is_in(struct str path, struct str folder)
{
    return str_equal(path, folder) || path_is_below(path, folder);
}

/* The repository below the workspace root that a folder lies in; empty: none. */
static struct str repository_of(struct repositories *repositories, struct str folder)
{
    struct str found = {0};

    for (struct str at = folder; at.n > 0; at = path_folder(at)) {
        /* The look at the place before ended at its repository. */
        if (is_in(repositories->before, at) &&
            (repositories->found.n == 0 || is_in(at, repositories->found))) {
            found = repositories->found;
            break;
        }
        if (holds_repository(repositories, at)) {
            found = at;
            break;
        }
    }
    repositories->before = folder;
    repositories->found = found;
    return found;
}

/* Where something is written to. */
static struct str folder_of(const struct landing *landing)
{
    return landing->unpack != PACK_NONE ? landing->destination : path_folder(landing->destination);
}

static void report_foreign(const struct plan *plan, struct arena *arena,
                           const struct landing *landing, struct str repository,
                           struct diags *diags)
{
    const struct supply *supply = landing->supply;
    struct str place = context_show_path(plan->job->context, arena, landing->destination);
    struct str shown = context_show_path(plan->job->context, arena, repository);
    struct diag *diag =
        diag_error(diags, STATUS_NOT_ALLOWED, "tracked", supply->element->span,
                   "input '%.*s' would land on '%.*s', in a git repository of its own: '%.*s'",
                   STR_ARG(supply->input->input->name), STR_ARG(place), STR_ARG(shown));

    diag_note(diag, "a submodule or another checkout may track files there, and nothing of it is "
                    "overwritten");
    diag_help(diag, "let it land elsewhere ('to')");
}

/* One report for each input and repository, at the first of its places. */
static int report_all_foreign(struct arena *arena, const struct plan *plan,
                              const struct landing *const *sorted, struct diags *diags,
                              struct error *err)
{
    struct repositories repositories = {.root = plan->job->context->root_fd};
    struct landing *hit = arena_array(arena, plan->landing_count, sizeof *hit);
    struct str *found = arena_array(arena, plan->landing_count, sizeof *found);
    bool *in_place = arena_array(arena, plan->landing_count, sizeof *in_place);
    const struct landing *last = NULL;
    struct str last_repository = {0};
    size_t count = 0;

    for (size_t i = 0; i < plan->landing_count; i++) {
        found[count] = repository_of(&repositories, folder_of(sorted[i]));
        if (found[count].n > 0) {
            hit[count++] = *sorted[i];
        }
    }
    if (landings_in_place(plan->job->context->root_fd, hit, count, in_place, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (in_place[i] || (last != NULL && last->supply == hit[i].supply &&
                            str_equal(last_repository, found[i]))) {
            continue;
        }
        report_foreign(plan, arena, &hit[i], found[i], diags);
        last = &hit[i];
        last_repository = found[i];
    }
    return 0;
}

int fetch_check_places(struct arena *arena, const struct plan *plan, struct diags *diags,
                       struct error *err)
{
    const struct context *context = plan->job->context;
    const struct landing **sorted = arena_array(arena, plan->landing_count, sizeof *sorted);
    struct str *paths = arena_array(arena, plan->landing_count, sizeof *paths);
    struct str *tracked = NULL;
    size_t tracked_count = 0;

    for (size_t i = 0; i < plan->landing_count; i++) {
        sorted[i] = &plan->landings[i];
        paths[i] = plan->landings[i].destination;
    }
    if (plan->landing_count == 0) {
        return 0;
    }
    qsort(sorted, plan->landing_count, sizeof *sorted, compare_landings);
    if (report_all_foreign(arena, plan, sorted, diags, err) < 0) {
        return -1;
    }
    if (!context->has_git) {
        return 0;
    }
    if (git_tracked(arena, context->root.s, paths, plan->landing_count, &tracked, &tracked_count,
                    err) < 0) {
        return -1;
    }
    return report_all_tracked(arena, plan, sorted, tracked, tracked_count, diags, err);
}

int fetch_check_repositories(struct arena *arena, const struct plan *plan, struct error *err)
{
    const struct landing **sorted = arena_array(arena, plan->landing_count, sizeof *sorted);
    struct diags diags = diags_make(arena);

    for (size_t i = 0; i < plan->landing_count; i++) {
        sorted[i] = &plan->landings[i];
    }
    if (plan->landing_count > 1) {
        qsort(sorted, plan->landing_count, sizeof *sorted, compare_landings);
    }
    if (report_all_foreign(arena, plan, sorted, &diags, err) < 0) {
        return -1;
    }
    if (diags.count == 0) {
        return 0;
    }
    error_set(err, ERROR_NOT_ALLOWED, "%.*s", STR_ARG(diags.items[0]->message));
    return error_help(err, "let it land elsewhere ('to')");
}
