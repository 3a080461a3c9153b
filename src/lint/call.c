#include "lint/call.h"

#include "base/arena.h"
#include "base/path.h"
#include "job/catalog.h"
#include "job/context.h"
#include "lint/lint.h"
#include "manifest/shell_text.h"

static bool is_program(struct str word, const char *name)
{
    struct str folder = path_folder(word);

    return str_is(str_after(word, folder.n + (folder.n < word.n && folder.n > 0 ? 1 : 0)), name);
}

/* Options that have an argument, of `pixi run` and of jobrun. */
static const char *const PIXI_OPTIONS[] = {"-e", "--environment",    "--manifest-path",
                                           "-p", "--platform",       "--color",
                                           "-m", "--tls-root-certs", NULL};
static const char *const JOBRUN_OPTIONS[] = {
    "-P",      "--env",     "--commit", "--store",    "--inputs-from", "--input", "--params-file",
    "--color", "--timeout", "--log",    "--progress", "--format",      NULL};

static bool takes_argument(const char *const *options, struct str option)
{
    for (; *options != NULL; options++) {
        if (str_is(option, *options)) {
            return true;
        }
    }
    return false;
}

/* Whether `pixi run` is told of another project than that of the folder. */
static bool names_project(const struct str *words, size_t from, size_t end)
{
    for (; from < end; from++) {
        if (str_starts(words[from], STR("--manifest-path")) || str_is(words[from], "-m")) {
            return true;
        }
    }
    return false;
}

/* The first word behind options; `count` where there is none that is known. */
static size_t behind_options(const char *const *options, const struct str *words, size_t from,
                             size_t count)
{
    while (from < count && words[from].s != NULL && str_starts(words[from], STR("-"))) {
        from += takes_argument(options, words[from]) ? 2 : 1;
    }
    return from < count && words[from].s != NULL ? from : count;
}

static struct call call_jobrun(const struct lint *lint, const struct str *words, size_t from,
                               size_t count)
{
    size_t at = behind_options(JOBRUN_OPTIONS, words, from, count);

    if (at < count && str_is(words[at], "run")) {
        at = behind_options(JOBRUN_OPTIONS, words, at + 1, count);
    } else if (at < count && lint->is_command != NULL && lint->is_command(words[at])) {
        at = count;
    }
    if (at >= count) {
        return (struct call){.kind = CALL_NONE};
    }
    return (struct call){.kind = CALL_JOBRUN, .target = words[at], .at = at};
}

struct call call_read(const struct lint *lint, const struct str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (words[i].s == NULL) {
            continue;
        }
        if (is_program(words[i], "jobrun")) {
            return call_jobrun(lint, words, i + 1, count);
        }
        if (is_program(words[i], "pixi") && i + 1 < count && words[i + 1].s != NULL &&
            str_is(words[i + 1], "run")) {
            size_t at = behind_options(PIXI_OPTIONS, words, i + 2, count);
            return at >= count || names_project(words, i + 2, at) ? (struct call){.kind = CALL_NONE}
                   : is_program(words[at], "jobrun")
                       ? call_jobrun(lint, words, at + 1, count)
                       : (struct call){.kind = CALL_PIXI, .target = words[at], .at = at};
        }
        /* `env A=b jobrun x`, but not `echo jobrun x`. */
        if (!is_program(words[0], "env") && !is_program(words[0], "exec") &&
            !is_program(words[0], "command") && !is_program(words[0], "time")) {
            break;
        }
    }
    return (struct call){.kind = CALL_NONE};
}

bool call_may_be_in(struct str code)
{
    return str_contains(code, STR("jobrun")) || str_contains(code, STR("pixi"));
}

struct call call_of_command(const struct lint *lint, const struct shell_command *command)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str *words = arena_array(&scratch, command->count, sizeof *words);

    for (size_t i = 0; i < command->count; i++) {
        /* "{{ arg }}" of a task of pixi is known only when it runs. */
        words[i] = str_contains(command->words[i].text, STR("{{"))
                       ? (struct str){0}
                       : shell_word_plain(command->words[i].text);
    }
    return call_read(lint, words, command->count);
}

bool call_leaves_folder(const struct shell_command *command)
{
    return str_is(command->words[0].text, "cd") || str_is(command->words[0].text, "pushd");
}

struct str call_job(const struct lint *lint, struct str target)
{
    struct str folder = path_without_slash(lint->context->config.manifests);
    struct str name = str_after(target, str_starts(target, STR("./")) ? 2 : 0);

    if (!str_ends(name, STR(".yaml"))) {
        return str_index(name, '/') < name.n ? STR("") : name;
    }
    if (!str_equal(path_folder(name), folder)) {
        return STR("");
    }
    name = str_after(name, folder.n + 1);
    return str_slice(name, 0, name.n - 5);
}

void call_jobs(struct lint *lint, struct str **names, size_t *count)
{
    if (!lint->knows_jobs) {
        catalog_names(lint->catalog, &lint->jobs, &lint->job_count);
        lint->knows_jobs = true;
    }
    *names = lint->jobs;
    *count = lint->job_count;
}

bool call_has_job(struct lint *lint, struct str job)
{
    struct str *names;
    size_t count;

    call_jobs(lint, &names, &count);
    return count > 0 && job.n > 0 &&
           bsearch(&job, names, count, sizeof *names, str_compare_for_sort) != NULL;
}
