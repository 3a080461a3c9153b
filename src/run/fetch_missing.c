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
    struct object object;
    struct error err = {0};

    if (look_up->unreachable) {
        return false;
    }
    if (store_read(look_up->store, &scratch, address_receipt_key(&scratch, address),
                   RECEIPT_BYTES_MAX, &object, &err) == 0) {
        return true;
    }
    look_up->unreachable = err.kind == ERROR_UNREACHABLE;
    return false;
}

/* The commits before this one. */
static void ask_parents(struct look_up *look_up)
{
    const struct context *context = look_up->job->context;
    struct neighbours *near = &look_up->neighbours;
    struct error ignored;

    if (!context->has_git) {
        return;
    }
    near->parents = arena_array(look_up->arena, PARENTS_MAX, sizeof *near->parents);
    for (int i = 1; i <= PARENTS_MAX; i++) {
        struct str revision = str_format(look_up->arena, "%.*s~%d", STR_ARG(context->commit), i);
        if (git_resolve(look_up->arena, context->root.s, revision,
                        &near->parents[near->parent_count], &ignored) < 0) {
            return;
        }
        near->parent_count++;
    }
}

static void ask_neighbours(struct look_up *look_up)
{
    struct neighbours *near = &look_up->neighbours;
    struct error ignored;

    if (near->asked) {
        return;
    }
    near->asked = true;
    if (store_list_folders(look_up->store, look_up->arena, (struct str){"", 0}, &near->environments,
                           &near->environment_count, &ignored) < 0) {
        near->environment_count = 0;
    }
    ask_parents(look_up);
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

    for (size_t i = 0; i < near->parent_count; i++) {
        address.commit = near->parents[i];
        for (size_t j = 0; j < look_up->environment_count; j++) {
            address.environment = look_up->environments[j];
            if (is_published(look_up, &address)) {
                diag_note(diag,
                          "it is there for commit %.*s (%zu before this one), environment "
                          "'%.*s'",
                          STR_ARG(short_commit(address.commit)), i + 1,
                          STR_ARG(address.environment));
                return;
            }
        }
    }
}

/* Other params of the same job at the same commit. */
static void find_variants(struct look_up *look_up, const struct element *element, struct diag *diag)
{
    struct arena *arena = look_up->arena;
    struct address address = element->address;
    struct str *names = NULL;
    size_t count = 0;
    size_t asked = 0;
    size_t shown = 0;
    struct error ignored;

    address.environment = look_up->environments[0];
    address.variant = (struct str){0};
    struct str prefix = str_format(arena, "%.*s/", STR_ARG(address_key(arena, &address)));
    if (element->address.variant.n == 0 ||
        store_list_folders(look_up->store, arena, prefix, &names, &count, &ignored) < 0) {
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

static void help_command(struct look_up *look_up, const struct element *element, struct diag *diag)
{
    const struct context *context = look_up->job->context;
    struct str command =
        element_command(element, context, look_up->arena, context->config.run_prefix);

    diag_help(diag, "%.*s", STR_ARG(command));
    if (!context->config.has_run_prefix && !pixi_is_here(look_up)) {
        struct str plain = element_command(element, context, look_up->arena, STR("jobrun run"));
        diag_note(diag, "without pixi: %.*s", STR_ARG(plain));
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
        struct str key = address_receipt_key(arena, &address);
        diag_note(diag, "looked at: %.*s", STR_ARG(store_address(look_up->store, arena, key)));
    }
    note_producer(element, diag);
    help_command(look_up, element, diag);
    if (look_up->neighbours.reported++ < REPORTS_MAX) {
        ask_neighbours(look_up);
        find_in_environments(look_up, element, diag);
        find_in_parents(look_up, element, diag);
        find_variants(look_up, element, diag);
    }
}

void missing_output_report(struct look_up *look_up, const struct supply *supply)
{
    struct arena *arena = look_up->arena;
    const struct element *element = supply->element;
    struct str key = address_receipt_key(arena, &supply->address);
    struct diag *diag =
        report(look_up, element->span,
               str_format(arena,
                          "input '%.*s': job '%.*s' was published without anything in output "
                          "'%.*s'%.*s at commit %.*s",
                          STR_ARG(supply->input->input->name), STR_ARG(element->producer->name),
                          STR_ARG(element->output->name), STR_ARG(for_variant(look_up, element)),
                          STR_ARG(short_commit(element->address.commit))));

    diag_note(diag, "looked at: %.*s", STR_ARG(store_address(look_up->store, arena, key)));
    note_producer(element, diag);
    diag_help(diag, "let the input be 'optional: true', or let the producer's output not be");
}
