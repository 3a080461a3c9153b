#include "run/fetch.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/path.h"
#include "job/context.h"
#include "job/context_stores.h"
#include "run/else.h"
#include "run/listener.h"
#include "run/look_up.h"
#include "store/store.h"
#include "sys/host.h"
#include "sys/signals.h"

struct str element_title(struct arena *arena, const struct bound_input *input,
                         const struct element *element)
{
    return str_format(arena, "input '%.*s'%s%.*s%s", STR_ARG(input->input->name),
                      element->label.n > 0 ? " (" : "", STR_ARG(element->label),
                      element->label.n > 0 ? ")" : "");
}

/* --- where to look --- */

/* Whoever may publish to a protected environment must not do so with what
 * anybody can have made. */
static bool may_read(struct look_up *look_up, struct str environment, struct span span,
                     const char *why)
{
    const struct context *context = look_up->job->context;

    if (!context->is_protected || config_is_protected(&context->config, environment)) {
        return true;
    }
    struct diag *diag = diag_error(
        look_up->diags, STATUS_NOT_ALLOWED, "not-allowed", span,
        "environment '%.*s' is protected, so its inputs must not come from '%.*s', which is not "
        "(%s)",
        STR_ARG(context->environment), STR_ARG(environment), why);
    diag_note(diag, "the environment is '%.*s' because %.*s", STR_ARG(context->environment),
              STR_ARG(context->environment_why));
    return false;
}

static void choose_environments(struct look_up *look_up)
{
    const struct context *context = look_up->job->context;
    const struct config_environment *configured =
        config_environment(&context->config, context->environment);
    bool is_wish = context->inputs_from.s != NULL;
    struct span span = !is_wish && configured != NULL ? configured->span : (struct span){0};
    size_t count;
    struct str *names = context_input_environments(context, look_up->arena, &count);

    look_up->environments = names;
    for (size_t i = 0; i < count; i++) {
        if (may_read(look_up, names[i], span, is_wish ? "--inputs-from" : "its 'fallback'")) {
            look_up->environments[look_up->environment_count++] = names[i];
        }
    }
}

/* --- receipts --- */

static int read_receipt(struct look_up *look_up, const struct address *address,
                        const struct receipt_seen **found, struct error *err)
{
    struct receipt_seen seen = {.address = *address};
    struct error problem = {0};

    for (size_t i = look_up->seen_count; i > 0; i--) {
        if (address_equal(&look_up->seen[i - 1].address, address)) {
            *found = &look_up->seen[i - 1];
            return 0;
        }
    }
    if (stores_get(look_up->stores, address->environment, &seen.store, err) < 0) {
        return -1;
    }
    if (stored_read(look_up->arena, seen.store, address, &seen.stored, &problem) == 0) {
        seen.is_there = true;
    } else if (problem.kind != ERROR_NOT_FOUND) {
        *err = problem;
        return -1;
    }
    struct receipt_seen *kept =
        ARENA_PUSH(look_up->arena, look_up->seen, look_up->seen_count, look_up->seen_capacity);
    *kept = seen;
    *found = kept;
    return 0;
}

/* The store's failures, told apart by what the reader has to do. */
static void report_store(struct look_up *look_up, const struct supply *supply,
                         const struct error *problem)
{
    const struct context *context = look_up->job->context;
    struct str title = element_title(look_up->arena, supply->input, supply->element);
    bool is_damage = problem->kind == ERROR_DAMAGED || problem->kind == ERROR_LIMIT;
    const char *what = is_damage                            ? "is damaged"
                       : problem->kind == ERROR_NOT_ALLOWED ? "may not be read here"
                       : problem->kind == ERROR_UNREACHABLE ? "cannot be reached"
                                                            : "cannot be read";
    struct diag *diag =
        diag_error(look_up->diags, problem->kind == ERROR_USAGE ? STATUS_USAGE : STATUS_STORE,
                   is_damage ? "damaged" : "store", supply->element->span, "%.*s %s: %s",
                   STR_ARG(title), what, problem->message);

    if (problem->help[0] != '\0') {
        diag_help(diag, "%s", problem->help);
    }
    if (is_damage) {
        struct str command =
            element_command(supply->element, context, look_up->arena, context->config.run_prefix);
        diag_note(diag, "a receipt that is there with anything wrong counts as damage, for "
                        "optional inputs too");
        diag_help(diag, "make and publish it again: %.*s --force", STR_ARG(command));
    } else if (problem->kind == ERROR_NOT_ALLOWED) {
        diag_note(diag,
                  "whether it is there is not known: the store did not let this machine look");
    } else if (problem->kind == ERROR_UNREACHABLE) {
        diag_note(diag, "inputs behind this one were not looked for");
        look_up->unreachable = true;
    }
}

static void take_entries(struct look_up *look_up, const struct receipt *receipt,
                         struct supply *supply)
{
    const struct artifact *artifact = &receipt->artifact;
    struct str output = supply->element->output->name;

    for (size_t i = 0; i < artifact->count; i++) {
        supply->entry_count += str_equal(artifact->entries[i].output, output);
    }
    supply->entries = arena_array(look_up->arena, supply->entry_count, sizeof *supply->entries);
    for (size_t i = 0, n = 0; i < artifact->count; i++) {
        if (str_equal(artifact->entries[i].output, output)) {
            supply->entries[n++] = artifact->entries[i];
        }
    }
}

static void tell_source(struct look_up *look_up, const struct supply *supply,
                        const struct receipt_seen *seen)
{
    struct arena *arena = look_up->arena;
    const struct receipt *receipt = &seen->stored.receipt;
    struct str key = address_receipt_key(arena, &supply->address);
    struct str title = element_title(arena, supply->input, supply->element);
    struct str when = host_format_time(arena, receipt->finished_ms);
    bool is_first = supply->element == supply->input->elements;

    listener_explain(look_up->listener,
                     "%.*s: from environment '%.*s', by %.*s@%.*s at %.*s (%.*s)", STR_ARG(title),
                     STR_ARG(supply->address.environment), STR_ARG(receipt->user),
                     STR_ARG(receipt->host_name), STR_ARG(when),
                     STR_ARG(store_address(seen->store, arena, key)));
    if (is_first && !str_equal(supply->address.environment, look_up->job->context->environment)) {
        listener_say(look_up->listener, "input '%.*s' comes from environment '%.*s'",
                     STR_ARG(supply->input->input->name), STR_ARG(supply->address.environment));
    }
}

/* A receipt is there: takes the entries and checks that their files are there. */
static int take_stored(struct look_up *look_up, struct supply *supply,
                       const struct receipt_seen *seen, struct error *err)
{
    const struct receipt *receipt = &seen->stored.receipt;

    take_entries(look_up, receipt, supply);
    if (supply->entry_count == 0) {
        if (!supply->input->input->optional) {
            missing_output_report(look_up, supply);
        }
        supply->state = SUPPLY_ABSENT;
        return 0;
    }
    supply->state = SUPPLY_THERE;
    supply->receipt_sha256 = seen->stored.sha256;
    supply->content = receipt->artifact.content;
    supply->dirty = receipt->dirty;
    tell_source(look_up, supply, seen);
    if (job_needs_urls(look_up->job, supply->input->input)) {
        supply_urls(look_up->arena, supply, seen->store);
    }
    return stored_check_files(look_up->arena, seen->store, &supply->address, &receipt->artifact,
                              supply->element->output->name, err);
}

static int look_in_store(struct look_up *look_up, struct supply *supply, struct error *err)
{
    for (size_t i = 0; i < look_up->environment_count; i++) {
        const struct receipt_seen *seen = NULL;
        supply->address = supply->element->address;
        supply->address.environment = look_up->environments[i];
        if (read_receipt(look_up, &supply->address, &seen, err) < 0) {
            return -1;
        }
        if (seen->is_there) {
            return take_stored(look_up, supply, seen, err);
        }
    }
    supply->state = SUPPLY_ABSENT;
    supply->address = supply->element->address;
    if (!supply->input->input->optional) {
        missing_report(look_up, supply->input, supply->element);
    } else {
        struct str title = element_title(look_up->arena, supply->input, supply->element);
        listener_explain(look_up->listener, "%.*s: absent, which its manifest allows",
                         STR_ARG(title));
    }
    return 0;
}

/* --- one element --- */

/* Where it is; `usable` is false where that is not known, and why was reported. */
static int find_supply(struct look_up *look_up, struct supply *supply, bool *usable,
                       struct error *err)
{
    const struct local_input *local = local_find(look_up, supply->input, supply->element);
    struct error problem = {0};

    if (local != NULL) {
        return local_supply(look_up, supply, local->path, usable, err);
    }
    if (look_up->wishes->no_fetch && supply->element->to.s != NULL) {
        return local_supply_in_place(look_up, supply, usable, err);
    }
    *usable = !look_up->unreachable && look_up->environment_count > 0;
    if (!*usable || look_in_store(look_up, supply, &problem) == 0) {
        return 0;
    }
    *usable = false;
    if (problem.kind == ERROR_INTERRUPTED || problem.kind == ERROR_INTERNAL) {
        *err = problem;
        return -1;
    }
    report_store(look_up, supply, &problem);
    return 0;
}

/* What the manifest names for an input that is absent. */
static int take_else(struct look_up *look_up, struct supply *supply, bool *usable,
                     struct error *err)
{
    struct str path = path_without_slash(supply->element->otherwise);
    struct str root = look_up->job->context->root;

    supply->otherwise = path;
    return local_supply(look_up, supply, path_below(look_up->arena, root, path), usable, err);
}

static int look_up_element(struct look_up *look_up, const struct bound_input *input,
                           const struct element *element, struct error *err)
{
    struct supply supply = {.input = input, .element = element, .address = element->address};
    bool has_else = element->otherwise.s != NULL;
    bool usable = true;

    if (find_supply(look_up, &supply, &usable, err) < 0) {
        return -1;
    }
    /* Needed in this run or not: a problem of the manifest is not to wait for the
     * day on which the input is absent. */
    usable = (!has_else || else_check(look_up->job->context, look_up->arena, input->input,
                                      element->otherwise, look_up->diags)) &&
             usable;
    if (usable && has_else && supply.state == SUPPLY_ABSENT &&
        take_else(look_up, &supply, &usable, err) < 0) {
        return -1;
    }
    if (!usable) {
        supply = (struct supply){.input = input,
                                 .element = element,
                                 .state = SUPPLY_UNKNOWN,
                                 .address = element->address};
    }
    if (supply.state == SUPPLY_LOCAL && job_needs_urls(look_up->job, input->input)) {
        supply_urls(look_up->arena, &supply, NULL);
    }
    *ARENA_PUSH(look_up->arena, look_up->supplies, look_up->count, look_up->capacity) = supply;
    return 0;
}

int fetch_look_up(struct arena *arena, const struct job *job, struct stores *stores,
                  const struct fetch_wishes *wishes, const struct listener *listener,
                  struct supply **supplies, size_t *count, struct diags *diags, struct error *err)
{
    struct look_up look_up = {
        .arena = arena,
        .job = job,
        .stores = stores,
        .wishes = wishes,
        .listener = listener,
        .diags = diags,
        .unreachable = stores == NULL,
    };

    local_check(&look_up);
    choose_environments(&look_up);
    for (size_t i = 0; i < job->manifest->input_count; i++) {
        const struct bound_input *input = &job->inputs[i];
        for (size_t j = 0; input->wanted && j < input->element_count; j++) {
            if (signals_check(err) < 0 ||
                look_up_element(&look_up, input, &input->elements[j], err) < 0) {
                return -1;
            }
        }
    }
    *supplies = look_up.supplies;
    *count = look_up.count;
    return 0;
}
