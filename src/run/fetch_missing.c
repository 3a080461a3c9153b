#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "manifest/manifest.h"
#include "run/look_up.h"
#include "store/store.h"
#include "sys/git.h"
#include "sys/process.h"

/* Near misses cost requests: so many are looked for, and no more. */
#define REPORTS_MAX      10 /* missing inputs with near misses */
#define ENVIRONMENTS_MAX 10
#define PARENTS_MAX      3
#define VARIANTS_ASKED   20
#define VARIANTS_SHOWN   5
#define SHORT_COMMIT     7

static struct diag *report(struct look_up *look_up, struct span span, struct str message)
{
    if (look_up->wishes->missing_is_fine) {
        return diag_warning(look_up->diags, "missing-input", span, "%.*s", STR_ARG(message));
    }
    return diag_error(look_up->diags, STATUS_ABSENT, "missing-input", span, "%.*s",
                      STR_ARG(message));
}

static struct str short_commit(struct str commit)
{
    return str_slice(commit, 0, SHORT_COMMIT);
}

/* " for platform=linux-x64", or nothing. */
static struct str for_variant(struct look_up *look_up, const struct element *element)
{
    struct str variant = address_variant_long(look_up->arena, element->producer, element->values);

    return variant.n == 0 ? variant : str_format(look_up->arena, " for %.*s", STR_ARG(variant));
}

static bool is_published(struct look_up *look_up, const struct address *address)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct store *store = NULL;
    struct object object;
    struct error err = {0};

    if (look_up->neighbours.unreachable ||
        stores_get(look_up->stores, address->environment, &store, &err) < 0) {
        return false;
    }
    if (store_read(store, &scratch, address_receipt_key(&scratch, address), RECEIPT_BYTES_MAX,
                   &object, &err) == 0) {
        return true;
    }
    look_up->neighbours.unreachable = err.kind == ERROR_UNREACHABLE;
    return false;
}

/* The commits before one. */
static void ask_parents(struct look_up *look_up, struct str commit)
{
    const struct context *context = look_up->job->context;
    struct neighbours *near = &look_up->neighbours;
    struct error ignored;

    if (!context->has_git || str_equal(near->parents_of, commit)) {
        return;
    }
    near->parents_of = commit;
    near->parent_count = 0;
    near->parents = arena_array(look_up->arena, PARENTS_MAX, sizeof *near->parents);
    for (int i = 1; i <= PARENTS_MAX; i++) {
        struct str revision = str_format(look_up->arena, "%.*s~%d", STR_ARG(commit), i);
        if (git_resolve(look_up->arena, context->root.s, revision,
                        &near->parents[near->parent_count], &ignored) < 0) {
            return;
        }
        near->parent_count++;
    }
}

static void add_environment(struct look_up *look_up, struct str name)
{
    struct neighbours *near = &look_up->neighbours;

    for (size_t i = 0; i < near->environment_count; i++) {
        if (str_equal(near->environments[i], name)) {
            return;
        }
    }
    *ARENA_PUSH(look_up->arena, near->environments, near->environment_count,
                near->environment_capacity) = name;
}

/* An environment with a store of its own is not in the list of another one. */
static void ask_environments(struct look_up *look_up)
{
    const struct config *config = &look_up->job->context->config;
    struct store *own = look_up->stores->items[0].store;
    struct str *names = NULL;
    size_t count = 0;
    struct error ignored;

    if (look_up->neighbours.asked) {
        return;
    }
    look_up->neighbours.asked = true;
    if (store_list_folders(own, look_up->arena, STR(""), &names, &count, &ignored) < 0) {
        count = 0;
    }
    for (size_t i = 0; i < config->environment_count; i++) {
        add_environment(look_up, config->environments[i].name);
    }
    for (size_t i = 0; i < count; i++) {
        add_environment(look_up, names[i]);
    }
}

static bool was_read(const struct look_up *look_up, struct str environment)
{
    for (size_t i = 0; i < look_up->environment_count; i++) {
        if (str_equal(look_up->environments[i], environment)) {
            return true;
        }
    }
    return false;
}

static void find_in_environments(struct look_up *look_up, const struct element *element,
                                 struct diag *diag)
{
    const struct context *context = look_up->job->context;
    const struct neighbours *near = &look_up->neighbours;
    struct address address = element->address;
    size_t asked = 0;
    bool is_advised = false;

    for (size_t i = 0; i < near->environment_count && asked < ENVIRONMENTS_MAX; i++) {
        address.environment = near->environments[i];
        if (!name_is_environment(address.environment) || was_read(look_up, address.environment)) {
            continue;
        }
        asked++;
        if (!is_published(look_up, &address)) {
            continue;
        }
        diag_note(diag, "it is there for environment '%.*s'", STR_ARG(address.environment));
        if (!is_advised && (!context->is_protected ||
                            config_is_protected(&context->config, address.environment))) {
            diag_help(diag, "or read inputs from there: --inputs-from %.*s",
                      STR_ARG(address.environment));
            is_advised = true;
        }
    }
}

static void find_in_parents(struct look_up *look_up, const struct element *element,
                            struct diag *diag)
{
    const struct neighbours *near = &look_up->neighbours;
    struct address address = element->address;

    bool is_other = !str_equal(address.commit, look_up->job->context->commit);

    for (size_t i = 0; i < near->parent_count; i++) {
        address.commit = near->parents[i];
        for (size_t j = 0; j < look_up->environment_count; j++) {
            address.environment = look_up->environments[j];
            if (is_published(look_up, &address)) {
                diag_note(diag,
                          "it is there for commit %.*s (%zu before %s one), environment "
                          "'%.*s'",
                          STR_ARG(short_commit(address.commit)), i + 1, is_other ? "that" : "this",
                          STR_ARG(address.environment));
                return;
            }
        }
    }
}

/* An input of another commit may be there for the one that is built. */
static void find_in_own_commit(struct look_up *look_up, const struct element *element,
                               struct diag *diag)
{
    struct address address = element->address;

    address.commit = look_up->job->context->commit;
    for (size_t i = 0;
         i < look_up->environment_count && !str_equal(address.commit, element->address.commit);
         i++) {
        address.environment = look_up->environments[i];
        if (is_published(look_up, &address)) {
            diag_note(diag, "it is there for commit %.*s, which this run is of, environment '%.*s'",
                      STR_ARG(short_commit(address.commit)), STR_ARG(address.environment));
            return;
        }
    }
}

/* Other params of the same job at the same commit. */
static void find_variants(struct look_up *look_up, const struct element *element, struct diag *diag)
{
    struct arena *arena = look_up->arena;
    struct address address = element->address;
    struct store *store = NULL;
    struct str *names = NULL;
    size_t count = 0;
    size_t asked = 0;
    size_t shown = 0;
    struct error ignored;

    address.environment = look_up->environments[0];
    address.variant = (struct str){0};
    struct str prefix = str_format(arena, "%.*s/", STR_ARG(address_key(arena, &address)));
    if (element->address.variant.n == 0 ||
        stores_get(look_up->stores, address.environment, &store, &ignored) < 0 ||
        store_list_folders(store, arena, prefix, &names, &count, &ignored) < 0) {
        return;
    }
    for (size_t i = 0; i < count && asked < VARIANTS_ASKED && shown < VARIANTS_SHOWN; i++) {
        address.variant = names[i];
        if (str_index(names[i], '=') == names[i].n ||
            str_equal(names[i], element->address.variant)) {
            continue;
        }
        asked++;
        if (is_published(look_up, &address)) {
            diag_note(diag, "it is there for other params: %.*s", STR_ARG(names[i]));
            shown++;
        }
    }
}

static bool pixi_is_here(struct look_up *look_up)
{
    struct str path = variables_get(&look_up->job->context->variables, "PATH");
    struct str copy = str_copy(look_up->arena, path.s != NULL ? path : STR(""));
    struct str file;
    struct error ignored;

    return process_find(look_up->arena, "pixi", copy.s, &file, &ignored) == 0;
}

/* What to know about the command where it is for another commit. */
static void note_commit(struct look_up *look_up, const struct element *element, struct diag *diag)
{
    const struct context *context = look_up->job->context;
    struct str commit = element->address.commit;
    struct str known;
    struct error unknown;

    if (!context->has_git || str_equal(commit, context->status.head)) {
        return;
    }
    diag_note(diag,
              "a job publishes at the commit that is checked out alone, and this input is of "
              "another one; 'git worktree add' gives that a folder of its own, where --store "
              "names this store: %.*s",
              STR_ARG(context->store_url));
    if (git_resolve(look_up->arena, context->root.s, commit, &known, &unknown) < 0) {
        diag_help(diag, "git fetch origin %.*s, which this clone does not have", STR_ARG(commit));
    }
}

static void help_command(struct look_up *look_up, const struct element *element, struct diag *diag)
{
    const struct context *context = look_up->job->context;
    struct str command =
        element_command(element, context, look_up->arena, context->config.run_prefix);

    note_commit(look_up, element, diag);
    diag_help(diag, "%.*s", STR_ARG(command));
    if (!context->config.has_run_prefix && !pixi_is_here(look_up)) {
        struct str plain = element_command(element, context, look_up->arena, STR("jobrun run"));
        diag_note(diag, "without pixi: %.*s", STR_ARG(plain));
    }
}

/* Where the receipt was looked for. */
static void note_address(struct look_up *look_up, const struct address *address, struct diag *diag)
{
    struct str key = address_receipt_key(look_up->arena, address);
    struct store *store = NULL;
    struct error ignored;

    if (stores_get(look_up->stores, address->environment, &store, &ignored) == 0) {
        diag_note(diag, "looked at: %.*s", STR_ARG(store_address(store, look_up->arena, key)));
    }
}

static void note_producer(const struct element *element, struct diag *diag)
{
    const struct manifest *producer = element->producer;

    if (producer->source != NULL) {
        diag_note(diag, "produced by: job '%.*s', %.*s", STR_ARG(producer->name),
                  STR_ARG(producer->source->name));
    } else {
        diag_note(diag, "produced by: job '%.*s'", STR_ARG(producer->name));
    }
}

/* The receipt that was looked for first; read before anything can be missing. */
static struct receipt_seen *seen_receipt(struct look_up *look_up, const struct element *element)
{
    struct address address = element->address;

    address.environment = look_up->environments[0];
    for (size_t i = look_up->seen_count; i > 0; i--) {
        if (address_equal(&look_up->seen[i - 1].address, &address)) {
            return &look_up->seen[i - 1];
        }
    }
    BUG("nobody looked for the receipt");
}

/* One run makes all outputs of a job, so several inputs that wait for the same
 * receipt are one problem. */
void missing_report(struct look_up *look_up, const struct bound_input *input,
                    const struct element *element)
{
    struct arena *arena = look_up->arena;
    struct receipt_seen *seen = seen_receipt(look_up, element);

    if (seen->missing != NULL) {
        diag_label(seen->missing, element->span, "input '%.*s' waits for its output '%.*s' too",
                   STR_ARG(input->input->name), STR_ARG(element->output->name));
        return;
    }
    struct diag *diag =
        report(look_up, element->span,
               str_format(arena,
                          "input '%.*s': job '%.*s' has not published output '%.*s'%.*s at commit "
                          "%.*s",
                          STR_ARG(input->input->name), STR_ARG(element->producer->name),
                          STR_ARG(element->output->name), STR_ARG(for_variant(look_up, element)),
                          STR_ARG(short_commit(element->address.commit))));

    seen->missing = diag;
    for (size_t i = 0; i < look_up->environment_count; i++) {
        struct address address = element->address;
        address.environment = look_up->environments[i];
        note_address(look_up, &address, diag);
    }
    note_producer(element, diag);
    help_command(look_up, element, diag);
    if (look_up->neighbours.reported++ < REPORTS_MAX) {
        ask_environments(look_up);
        ask_parents(look_up, element->address.commit);
        find_in_environments(look_up, element, diag);
        find_in_own_commit(look_up, element, diag);
        find_in_parents(look_up, element, diag);
        find_variants(look_up, element, diag);
    }
}

void missing_output_report(struct look_up *look_up, const struct supply *supply)
{
    struct arena *arena = look_up->arena;
    const struct element *element = supply->element;
    struct diag *diag =
        report(look_up, element->span,
               str_format(arena,
                          "input '%.*s': job '%.*s' was published without anything in output "
                          "'%.*s'%.*s at commit %.*s",
                          STR_ARG(supply->input->input->name), STR_ARG(element->producer->name),
                          STR_ARG(element->output->name), STR_ARG(for_variant(look_up, element)),
                          STR_ARG(short_commit(element->address.commit))));

    note_address(look_up, &supply->address, diag);
    note_producer(element, diag);
    diag_help(diag, "let the input be 'optional: true', or let the producer's output not be");
}
