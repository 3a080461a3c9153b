#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "run/fetch.h"
#include "run/landing.h"
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
    for (size_t i = 0; i < count; i++) {
        if (!in_place[i]) {
            report_tracked(arena, plan, &hit[i], paths[i], diags);
        }
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
    if (!context->has_git || plan->landing_count == 0) {
        return 0;
    }
    qsort(sorted, plan->landing_count, sizeof *sorted, compare_landings);
    if (git_tracked(arena, context->root.s, paths, plan->landing_count, &tracked, &tracked_count,
                    err) < 0) {
        return -1;
    }
    return report_all_tracked(arena, plan, sorted, tracked, tracked_count, diags, err);
}
