/* Which file of which input lands where, and that no two do in one place. */
#include "base/arena.h"
#include "base/path.h"
#include "job/context.h"
#include "job/context_stores.h"
#include "job/plan_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

#define CLASHES_MAX 20 /* shown */

static bool is_folder(struct str to)
{
    return to.n > 0 && to.s[to.n - 1] == '/';
}

/* How the supply's file is unpacked. A local folder stands for what is in the
 * archive. */
static enum pack_format unpack_of(const struct supply *supply)
{
    if (supply->entry_count == 1 && supply->entries[0].packed != PACK_NONE) {
        return supply->entries[0].packed;
    }
    return supply->state == SUPPLY_THERE ? supply->input->input->unpack : PACK_NONE;
}

static struct diag *landing_error(struct planner *planner, enum rule_number rule, struct span span,
                                  struct str message)
{
    return rule_report(planner->diags, rule, span, "%.*s", STR_ARG(message));
}

/* The stores that lie in the workspace, as paths from its root. */
struct stores_within {
    struct str *paths;
    size_t count;
};

static struct stores_within stores_within(struct arena *arena, const struct context *context)
{
    struct stores_within within = {0};
    size_t count;

    within.paths = context_store_folders(context, arena, &count);
    for (size_t i = 0; i < count; i++) {
        struct str folder = path_without_slash(within.paths[i]);
        if (context->root.n > 0 && path_is_below(folder, context->root)) {
            within.paths[within.count++] = str_after(folder, context->root.n + 1);
        }
    }
    return within;
}

static const char *destination_problem(struct str destination, const struct stores_within *stores)
{
    const char *problem = path_problem(destination);

    if (!problem && path_is_reserved(destination)) {
        problem = "leads into a folder that jobrun does not touch";
    }
    for (size_t i = 0; !problem && i < stores->count; i++) {
        if (str_equal(destination, stores->paths[i]) ||
            path_is_below(destination, stores->paths[i])) {
            problem = "leads into the store";
        }
    }
    return problem;
}

/* What the supply is instead of one file: "a link", "3 files"; NULL: it is one. */
static const char *other_than_one_file(struct planner *planner, const struct supply *supply)
{
    static const char *const KINDS[] = {
        [ENTRY_FILE] = NULL, [ENTRY_LINK] = "a link", [ENTRY_FOLDER] = "a folder"};

    if (supply->entry_count == 1) {
        return KINDS[supply->entries[0].kind];
    }
    return supply->entry_count == 0
               ? "no file"
               : str_format(planner->arena, "%zu files", supply->entry_count).s;
}

/* Whether `to`, the name of one file, suits what there is. */
static bool is_one_file(struct planner *planner, const struct supply *supply)
{
    const struct input *input = supply->input->input;
    const char *what = other_than_one_file(planner, supply);

    if (!what) {
        return true;
    }
    struct diag *diag = landing_error(
        planner, RULE_PATH, input->to->node->span,
        str_format(planner->arena, "input '%.*s' has %s, and '%.*s' is the name of one file",
                   STR_ARG(input->name), what, STR_ARG(supply->element->to)));
    diag_help(diag, "end 'to' with '/' to name a folder");
    return false;
}

static bool may_land(struct planner *planner, const struct supply *supply, struct str destination,
                     const struct stores_within *stores)
{
    const char *problem = destination_problem(destination, stores);

    if (problem) {
        landing_error(planner, RULE_PATH, supply->element->span,
                      str_format(planner->arena, "'%.*s', where input '%.*s' lands, %s",
                                 STR_ARG(destination), STR_ARG(supply->input->input->name),
                                 problem));
    }
    return !problem;
}

/* One archive, into a folder. */
static void land_archive(struct planner *planner, const struct supply *supply,
                         enum pack_format format, const struct stores_within *stores)
{
    struct plan *plan = planner->plan;
    const struct input *input = supply->input->input;
    const char *other = other_than_one_file(planner, supply);
    struct str folder = path_without_slash(supply->element->to);

    if (other) {
        struct diag *diag = landing_error(
            planner, RULE_PATH, input->unpack_span,
            str_format(planner->arena, "input '%.*s' has %s, and 'unpack' takes one archive",
                       STR_ARG(input->name), other));
        diag_label(diag, supply->element->span, "asked for here");
    } else if (!is_folder(supply->element->to)) {
        struct diag *diag = landing_error(
            planner, RULE_PATH, input->to->node->span,
            str_format(planner->arena, "input '%.*s' is packed, and '%.*s' is the name of one file",
                       STR_ARG(input->name), STR_ARG(supply->element->to)));
        diag_help(diag, "end 'to' with '/' to name a folder");
    } else if (may_land(planner, supply, folder, stores)) {
        plan->landings[plan->landing_count++] =
            (struct landing){supply, &supply->entries[0], folder, format};
    }
}

static void land_supply(struct planner *planner, const struct supply *supply,
                        const struct stores_within *stores)
{
    struct plan *plan = planner->plan;
    struct str to = supply->element->to;
    enum pack_format format = unpack_of(supply);

    if (format != PACK_NONE && supply->entry_count > 0) {
        land_archive(planner, supply, format, stores);
        return;
    }

    /* An optional output that matched nothing leaves nothing to name. */
    if (!is_folder(to) && !(supply->entry_count == 0 && supply->input->input->optional) &&
        !is_one_file(planner, supply)) {
        return;
    }
    for (size_t i = 0; i < supply->entry_count; i++) {
        struct str destination =
            is_folder(to) ? path_below(planner->arena, to, supply->entries[i].path) : to;
        if (!may_land(planner, supply, destination, stores)) {
            return;
        }
        plan->landings[plan->landing_count++] =
            (struct landing){supply, &supply->entries[i], destination, PACK_NONE};
    }
}

/* What others may land in: an archive is only known to be a folder. */
static bool is_place_for_others(const struct landing *landing)
{
    return landing->entry->kind == ENTRY_FOLDER || landing->unpack != PACK_NONE;
}

/* Files and links of one place before the folder with the same name. */
static int compare_destinations(const void *a, const void *b)
{
    const struct landing *x = *(const struct landing *const *)a;
    const struct landing *y = *(const struct landing *const *)b;
    int order = path_compare(x->destination, y->destination);

    if (order == 0) {
        order = is_place_for_others(x) - is_place_for_others(y);
    }
    /* By place in the array: the first one is reported first. */
    return order != 0 ? order : (x > y) - (x < y);
}

static struct str show_supply(struct planner *planner, const struct supply *supply)
{
    const struct element *element = supply->element;

    return str_format(planner->arena, "output '%.*s' of job '%.*s'%s%.*s%s",
                      STR_ARG(element->output->name), STR_ARG(element->producer->name),
                      element->label.n > 0 ? " (" : "", STR_ARG(element->label),
                      element->label.n > 0 ? ")" : "");
}

static void report_clash(struct planner *planner, const struct landing *first,
                         const struct landing *second)
{
    struct str one = show_supply(planner, first->supply);
    struct str other = show_supply(planner, second->supply);
    struct str message;
    struct diag *diag;

    if (str_equal(first->destination, second->destination)) {
        message = str_format(planner->arena, "%.*s and %.*s both land at '%.*s'", STR_ARG(one),
                             STR_ARG(other), STR_ARG(first->destination));
    } else {
        message = str_format(planner->arena,
                             "%.*s lands at '%.*s', which is below the file '%.*s' of %.*s",
                             STR_ARG(other), STR_ARG(second->destination),
                             STR_ARG(first->destination), STR_ARG(one));
    }
    diag = landing_error(planner, RULE_CONFLICT, first->supply->element->span, message);
    diag_label(diag, second->supply->element->span, "asked for here");
    diag_help(diag, "give them different folders in 'to'");
}

static void check_clashes(struct planner *planner)
{
    const struct plan *plan = planner->plan;
    const struct landing **sorted =
        arena_array(planner->arena, plan->landing_count, sizeof *sorted);
    const struct landing *leaf = NULL; /* the last file or link */
    size_t clashes = 0;

    for (size_t i = 0; i < plan->landing_count; i++) {
        sorted[i] = &plan->landings[i];
    }
    if (plan->landing_count > 1) {
        qsort(sorted, plan->landing_count, sizeof *sorted, compare_destinations);
    }
    for (size_t i = 0; i < plan->landing_count && clashes < CLASHES_MAX; i++) {
        if (leaf && (str_equal(sorted[i]->destination, leaf->destination) ||
                     path_is_below(sorted[i]->destination, leaf->destination))) {
            report_clash(planner, leaf, sorted[i]);
            clashes++;
        } else if (!is_place_for_others(sorted[i])) {
            leaf = sorted[i];
        }
    }
}

static int compare_landings(const void *a, const void *b)
{
    const struct landing *x = a;
    const struct landing *y = b;

    if (x->supply != y->supply) {
        return x->supply < y->supply ? -1 : 1;
    }
    return str_compare(x->entry->path, y->entry->path);
}

void plan_landings(struct planner *planner)
{
    struct plan *plan = planner->plan;
    struct stores_within stores = stores_within(planner->arena, planner->job->context);
    size_t most = 0;

    for (size_t i = 0; i < plan->supply_count; i++) {
        const struct supply *supply = &plan->supplies[i];
        if (supply->entry_count > PLAN_LANDINGS_MAX - most) {
            landing_error(planner, RULE_LIMIT, supply->input->input->span,
                          str_format(planner->arena, "the inputs have more than %d files",
                                     PLAN_LANDINGS_MAX));
            return;
        }
        most += supply->entry_count;
    }
    plan->landings = arena_array(planner->arena, most, sizeof *plan->landings);
    for (size_t i = 0; i < plan->supply_count; i++) {
        enum supply_state state = plan->supplies[i].state;
        if (state != SUPPLY_ABSENT && state != SUPPLY_UNKNOWN && plan->supplies[i].element->to.s) {
            land_supply(planner, &plan->supplies[i], &stores);
        }
    }
    if (plan->landing_count > 1) {
        qsort(plan->landings, plan->landing_count, sizeof *plan->landings, compare_landings);
    }
    check_clashes(planner);
}

bool input_is_unpacked(const struct bound_input *input)
{
    bool is_packed = false;

    for (size_t i = 0; i < input->element_count; i++) {
        is_packed = is_packed || input->elements[i].output->pack != PACK_NONE;
    }
    return is_packed || input->input->unpack != PACK_NONE;
}

/* The folder that both lie in, by whole segments. */
static struct str common_folder(struct str a, struct str b)
{
    while (!str_equal(a, b) && !path_is_below(b, a)) {
        a = path_folder(a);
    }
    return a;
}

static struct str arrival_path(const struct bound_input *input, const struct arrival *arrival)
{
    struct str folder = {0};

    if (input->element_count == 1 && arrival->landing_count == 1 && arrival->file_count == 1 &&
        !input_is_unpacked(input)) {
        return arrival->first->destination;
    }
    if (input->element_count == 1 && arrival->absent_count + arrival->unknown_count == 1) {
        return path_without_slash(input->elements[0].to);
    }
    for (size_t i = 0; i < input->element_count; i++) {
        struct str to = input->elements[i].to;
        struct str place = is_folder(to) ? path_without_slash(to) : path_folder(to);
        folder = i == 0 ? place : common_folder(folder, place);
    }
    return folder;
}

/* Whether there is a path to speak of: not for what is not wanted, nor for an
 * optional input that is absent or has no file to be named by its `to`. */
static bool has_path(const struct bound_input *input, const struct arrival *arrival)
{
    if (input->element_count == 0 || !input->input->to) {
        return false;
    }
    if (!input->input->optional) {
        return true;
    }
    return arrival->absent_count < input->element_count &&
           (arrival->landing_count + arrival->unknown_count > 0 ||
            is_folder(input->elements[0].to));
}

void plan_arrivals(struct planner *planner)
{
    const struct manifest *manifest = planner->job->manifest;
    const struct plan *plan = planner->plan;
    struct arrival *arrivals = arena_array(planner->arena, manifest->input_count, sizeof *arrivals);

    for (size_t i = 0; i < plan->supply_count; i++) {
        struct arrival *arrival = &arrivals[plan->supplies[i].input->input - manifest->inputs];
        arrival->absent_count += plan->supplies[i].state == SUPPLY_ABSENT;
        arrival->unknown_count += plan->supplies[i].state == SUPPLY_UNKNOWN;
    }
    for (size_t i = 0; i < plan->landing_count; i++) {
        const struct landing *landing = &plan->landings[i];
        struct arrival *arrival = &arrivals[landing->supply->input->input - manifest->inputs];
        arrival->first = arrival->first ? arrival->first : landing;
        arrival->landing_count++;
        arrival->file_count += landing->entry->kind != ENTRY_FOLDER;
    }
    planner->arrivals = arrivals;
    planner->input_paths =
        arena_array(planner->arena, manifest->input_count, sizeof *planner->input_paths);
    for (size_t i = 0; i < manifest->input_count; i++) {
        const struct bound_input *input = &planner->job->inputs[i];
        planner->input_paths[i] = STR("");
        if (has_path(input, &arrivals[i])) {
            struct str path = path_below(planner->arena, planner->job->context->root,
                                         arrival_path(input, &arrivals[i]));
            planner->input_paths[i] = path_without_slash(path);
        }
    }
}
