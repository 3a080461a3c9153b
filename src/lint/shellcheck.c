#include "lint/shellcheck.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/json.h"
#include "base/path.h"
#include "job/context.h"
#include "lint/lint.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static const char *const DIALECTS[] = {"bash", "sh", "dash", "ksh"};

/* All scripts of one dialect, in a folder of copies. */
struct shellcheck {
    struct lint *lint;
    const char *program;
    const char *dialect;
    int64_t timeout_ms;
    struct str folder; /* of the copies */
    int folder_fd;
    const struct node **scripts;
    size_t count, capacity;
    struct buf out, errors;
};

/* --- scripts --- */

static const char *dialect_of(const struct step *step)
{
    struct str shell = STR("bash");
    struct str folder;

    if (step->shell_count > 0 && !template_is_text(step->shell[0], &shell)) {
        return NULL;
    }
    folder = path_folder(shell);
    shell = str_after(shell, folder.n > 0 || str_starts(shell, STR("/")) ? folder.n + 1 : 0);
    for (size_t i = 0; i < ARRAY_COUNT(DIALECTS); i++) {
        if (str_is(shell, DIALECTS[i])) {
            return DIALECTS[i];
        }
    }
    return NULL;
}

static void find_scripts(struct shellcheck *shellcheck)
{
    struct lint *lint = shellcheck->lint;

    shellcheck->count = 0;
    for (size_t i = 0; i < lint->manifest_count; i++) {
        for (size_t j = 0; j < lint->manifests[i]->step_count; j++) {
            const struct step *step = &lint->manifests[i]->steps[j];
            if (step->script != NULL && dialect_of(step) == shellcheck->dialect) {
                *ARENA_PUSH(lint->arena, shellcheck->scripts, shellcheck->count,
                            shellcheck->capacity) = step->script;
            }
        }
    }
}

/* --- copies --- */

static int write_copy(const struct shellcheck *shellcheck, const char *name, struct str text,
                      struct error *err)
{
    int fd CLEANUP(fd_close) = -1;

    if (fs_open_beneath(shellcheck->folder_fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0600, &fd, err) <
            0 ||
        fd_write_all(fd, text.s, text.n, name, err) < 0) {
        return -1;
    }
    return fd_close_checked(&fd, name, err);
}

static int make_folder(struct shellcheck *shellcheck, struct error *err)
{
    struct lint *lint = shellcheck->lint;
    struct str temp = variables_get(&lint->context->variables, "TMPDIR");
    struct str pattern = str_format(lint->arena, "%.*s/jobrun-lint-XXXXXX",
                                    STR_ARG(temp.n > 0 ? temp : STR("/tmp")));
    char *folder = arena_copy(lint->arena, pattern.s, pattern.n);
    struct str settings = fs_join(lint->arena, lint->context->root, STR(".shellcheckrc"));
    struct str text;

    if (mkdtemp(folder) == NULL) {
        return error_errno(err, errno, "cannot make the folder '%s'", folder);
    }
    shellcheck->folder = str_from(folder);
    if (fs_open_folder(folder, &shellcheck->folder_fd, err) < 0) {
        return -1;
    }
    return !fs_exists(settings.s) ? 0
           : fs_read_file(lint->arena, settings.s, DOCUMENT_BYTES_MAX, &text, err) < 0
               ? -1
               : write_copy(shellcheck, ".shellcheckrc", text, err);
}

static int remove_entry(const struct shellcheck *shellcheck, const char *name)
{
    struct error ignored = {0};

    return fs_remove_beneath(shellcheck->folder_fd, name, &ignored);
}

static void remove_copies(struct shellcheck *shellcheck, size_t count)
{
    struct arena scratch CLEANUP(arena_free) = {0};

    for (size_t i = 0; i < count; i++) {
        (void)!remove_entry(shellcheck, str_format(&scratch, "%zu.sh", i).s);
    }
}

static void close_folder(struct shellcheck *shellcheck)
{
    if (shellcheck->folder.s != NULL) {
        (void)!remove_entry(shellcheck, ".shellcheckrc");
        rmdir(shellcheck->folder.s);
    }
    fd_close(&shellcheck->folder_fd);
}

/* --- running it --- */

static int take_output(void *context, enum process_stream stream, struct str bytes,
                       struct error *err)
{
    struct shellcheck *shellcheck = context;

    buf_add(stream == PROCESS_STDOUT ? &shellcheck->out : &shellcheck->errors, bytes);
    return shellcheck->out.truncated
               ? error_set(err, ERROR_LIMIT, "'shellcheck' wrote more than %zu bytes",
                           SHELLCHECK_BYTES_MAX)
               : 0;
}

static int run(struct shellcheck *shellcheck, size_t count, struct error *err)
{
    struct arena *arena = shellcheck->lint->arena;
    const char **argv = arena_array(arena, count + 8, sizeof *argv);
    struct process_spec spec = {.argv = argv,
                                .envp = shellcheck->lint->context->variables.list,
                                .folder = shellcheck->folder.s,
                                .timeout_ms = shellcheck->timeout_ms,
                                .kill_after_ms = 1000,
                                .output = take_output,
                                .context = shellcheck};
    struct process_result result = {0};
    size_t n = 0;

    argv[n++] = shellcheck->program;
    argv[n++] = "--format=json1";
    argv[n++] = "--severity=info";
    argv[n++] = str_format(arena, "--shell=%s", shellcheck->dialect).s;
    argv[n++] = "--";
    for (size_t i = 0; i < count; i++) {
        argv[n++] = str_format(arena, "%zu.sh", i).s;
    }
    shellcheck->out = buf_make(arena, SHELLCHECK_BYTES_MAX);
    shellcheck->errors = buf_make(arena, DIAG_TEXT_MAX);
    if (process_run(&spec, &result, err) < 0) {
        return -1;
    }
    if (result.interrupted != 0) {
        return error_set(err, ERROR_INTERRUPTED, "interrupted");
    }
    if (result.timed_out) {
        return error_set(err, ERROR_FAILED, "it did not end within %lld ms",
                         (long long)shellcheck->timeout_ms);
    }
    if (result.exec_errno != 0) {
        return error_errno(err, result.exec_errno, "cannot run '%s'", shellcheck->program);
    }
    /* 0: no findings; 1: findings. */
    if (!result.exited || result.exit_status > 1) {
        struct str line, rest;
        str_cut(buf_str(&shellcheck->errors), '\n', &line, &rest);
        return error_set(err, ERROR_FAILED, "it ended with %s %d%s%.*s",
                         result.exited ? "status" : "signal",
                         result.exited ? result.exit_status : result.term_signal,
                         line.n > 0 ? ": " : "", STR_ARG(line));
    }
    return 0;
}

/* --- findings --- */

/* "Double quote to prevent globbing." as jobrun writes: without the capital and the
 * full stop. */
static struct str message_of(struct arena *arena, struct str text)
{
    char *copy = arena_copy(arena, text.s, text.n);
    bool is_word = text.n > 1 && copy[1] >= 'a' && copy[1] <= 'z';

    if (is_word && copy[0] >= 'A' && copy[0] <= 'Z') {
        copy[0] = (char)(copy[0] - 'A' + 'a');
    }
    return (struct str){copy, text.n - (str_ends(text, STR(".")) ? 1 : 0)};
}

/* "PARAM_X is referenced but not assigned." */
static bool is_about_own_variable(int64_t code, struct str message)
{
    static const char *const PREFIXES[] = {"PARAM_", "VAR_", "INPUT_", "OUTPUT_", "JOB_"};

    for (size_t i = 0; code == 2154 && i < ARRAY_COUNT(PREFIXES); i++) {
        if (str_starts(message, str_from(PREFIXES[i]))) {
            return true;
        }
    }
    return false;
}

/* `source` is the script's text. */
static struct span span_of(const struct node *script, const struct source *source,
                           const struct json *comment)
{
    int64_t line = 1, column = 1, end_line = 1, end_column = 1;

    if (!json_get_int(json_member(comment, "line"), &line) ||
        !json_get_int(json_member(comment, "column"), &column) ||
        !json_get_int(json_member(comment, "endLine"), &end_line) ||
        !json_get_int(json_member(comment, "endColumn"), &end_column) || line < 1 || column < 1 ||
        end_column < 1 || (size_t)line > source->line_count) {
        return script->span;
    }
    size_t start = source_offset(source, (size_t)line, (size_t)column);
    size_t end =
        source_offset(source, (size_t)line, end_line == line ? (size_t)end_column : SIZE_MAX);
    return node_span_within(script, start, end > start ? end - start : 0);
}

static int report(struct shellcheck *shellcheck, const struct node *script,
                  const struct source *source, const struct json *comment, struct error *err)
{
    struct lint *lint = shellcheck->lint;
    struct str message;
    int64_t code;

    if (!json_get_int(json_member(comment, "code"), &code) ||
        !json_get_str(json_member(comment, "message"), &message)) {
        return error_set(err, ERROR_DAMAGED, "it wrote a finding without a code or a message");
    }
    if (is_about_own_variable(code, message)) {
        return 0;
    }
    /* To find a place takes a walk through the script: none is needed of what is dropped. */
    struct span span = lint->diags->dropped > 0 ? script->span : span_of(script, source, comment);
    struct diag *d = rule_report(lint->diags, RULE_SHELLCHECK, span, "%.*s (SC%04lld)",
                                 STR_ARG(message_of(lint->arena, message)), (long long)code);
    diag_help(d,
              "https://www.shellcheck.net/wiki/SC%04lld; where it is meant, write "
              "'# shellcheck disable=SC%04lld' above the line",
              (long long)code, (long long)code);
    return 0;
}

static int read_report(struct shellcheck *shellcheck, const struct node **scripts, size_t count,
                       struct error *err)
{
    const struct source *sources[SHELLCHECK_CHUNK] = {0}; /* of the scripts with findings */
    struct json *document;

    if (json_parse(shellcheck->lint->arena, buf_str(&shellcheck->out), SHELLCHECK_BYTES_MAX,
                   &document, err) < 0) {
        return error_prefix(err, "it wrote no report");
    }
    const struct json *comments = json_member(document, "comments");
    for (size_t i = 0; i < json_count(comments); i++) {
        const struct json *comment = json_item(comments, i);
        struct str file = STR("");
        int64_t index = -1;
        json_get_str(json_member(comment, "file"), &file);
        if (!str_ends(file, STR(".sh")) || !str_to_int64(str_slice(file, 0, file.n - 3), &index) ||
            index < 0 || (size_t)index >= count) {
            return error_set(err, ERROR_DAMAGED, "it wrote a finding of a file that is not there");
        }
        if (sources[index] == NULL) {
            sources[index] =
                source_make(shellcheck->lint->arena, STR("script"), scripts[index]->text);
        }
        if (report(shellcheck, scripts[index], sources[index], comment, err) < 0) {
            return -1;
        }
    }
    return 0;
}

static int check_chunk(struct shellcheck *shellcheck, const struct node **scripts, size_t count,
                       struct error *err)
{
    int result = 0;

    for (size_t i = 0; i < count && result == 0; i++) {
        result = write_copy(shellcheck, str_format(shellcheck->lint->arena, "%zu.sh", i).s,
                            scripts[i]->text, err);
    }
    if (result == 0) {
        result = run(shellcheck, count, err);
    }
    remove_copies(shellcheck, count);
    return result == 0 ? read_report(shellcheck, scripts, count, err) : -1;
}

static int check_dialect(struct shellcheck *shellcheck, struct error *err)
{
    find_scripts(shellcheck);
    if (shellcheck->count > 0 && shellcheck->folder.s == NULL && make_folder(shellcheck, err) < 0) {
        return -1;
    }
    for (size_t done = 0; done < shellcheck->count; done += SHELLCHECK_CHUNK) {
        size_t rest = shellcheck->count - done;
        if (check_chunk(shellcheck, shellcheck->scripts + done,
                        rest < SHELLCHECK_CHUNK ? rest : SHELLCHECK_CHUNK, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* False: it is not to be used, or not there. */
static bool find_program(struct lint *lint, struct shellcheck *shellcheck)
{
    struct str wish = variables_get(&lint->context->variables, "JOBRUN_SHELLCHECK");
    struct str path = variables_get(&lint->context->variables, "PATH");
    struct error ignored = {0};
    struct str file;

    if (str_is(wish, "off")) {
        return false;
    }
    if (wish.n > 0) {
        shellcheck->program = str_copy(lint->arena, wish).s;
        return true;
    }
    if (process_find(lint->arena, "shellcheck", str_copy(lint->arena, path).s, &file, &ignored) <
        0) {
        lint->remark = "shellcheck is not installed: scripts are not checked by it";
        return false;
    }
    shellcheck->program = file.s;
    return true;
}

int shellcheck_check(struct lint *lint, struct error *err)
{
    struct shellcheck shellcheck CLEANUP(close_folder) = {
        .lint = lint, .folder_fd = -1, .timeout_ms = SHELLCHECK_TIMEOUT_MS};
    struct str timeout = variables_get(&lint->context->variables, "JOBRUN_SHELLCHECK_TIMEOUT");

    if (!find_program(lint, &shellcheck)) {
        lint->unchecked[RULE_SHELLCHECK] = true;
        return 0;
    }
    if (timeout.n > 0 && !duration_parse(timeout, &shellcheck.timeout_ms)) {
        error_set(err, ERROR_USAGE, "JOBRUN_SHELLCHECK_TIMEOUT is no time: '%.*s'",
                  STR_ARG(timeout));
        return error_help(err, "write 90s or 5m");
    }
    for (size_t i = 0; i < ARRAY_COUNT(DIALECTS); i++) {
        shellcheck.dialect = DIALECTS[i];
        if (check_dialect(&shellcheck, err) < 0) {
            error_prefix(err, "cannot check the scripts with shellcheck");
            return err->help[0] != '\0' ? -1
                                        : error_help(err, "JOBRUN_SHELLCHECK=off leaves it out");
        }
    }
    return 0;
}
