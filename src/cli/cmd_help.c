/* `jobrun --help`, `jobrun help X`, and what is shown when nothing is asked for. */
#include "base/arena.h"
#include "base/error.h"
#include "base/status.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/report.h"

#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    const char *help;
} VARIABLES[] = {
    {"JOBRUN_STORE", "where artifacts live, as --store: a folder, or gs://bucket/prefix"},
    {"JOBRUN_ENV", "the environment, as --env"},
    {"JOBRUN_COMMIT", "the commit, as --commit"},
    {"JOBRUN_STORE_MODE", "read-only refuses every publish and effect"},
    {"JOBRUN_STORE_TIMEOUT", "seconds that a remote store may stand still (default: 120)"},
    {"JOBRUN_GCS_ANONYMOUS", "1 reads public gs:// stores without credentials"},
    {"NO_COLOR, CLICOLOR_FORCE", "no colours, or colours on a pipe too"},
};

static void add_commands(struct buf *buf)
{
    buf_addf(buf, "usage:\n  jobrun JOB [--param VALUE ...] [options]\n"
                  "  jobrun JOB --help            the job's own params, inputs and outputs\n");
    for (const struct command_row *row = COMMANDS; row->name != NULL; row++) {
        size_t start = buf->n;
        buf_addf(buf, "  jobrun %s %s", row->name, row->usage);
        size_t width = buf->n - start;
        if (width >= 30) {
            buf_add_char(buf, '\n');
            width = 0;
        }
        buf_add_repeat(buf, ' ', 31 - width);
        buf_addf(buf, "%s\n", row->summary);
    }
}

static void add_statuses(struct buf *buf)
{
    buf_addf(buf, "\nexit status: the command's own (128 + signal when it was killed), or\n");
    for (const struct status_row *row = STATUS_TABLE; row->meaning != NULL; row++) {
        buf_addf(buf, "  %3d  %s\n", row->status, row->meaning);
    }
}

static void add_lint_statuses(struct buf *buf)
{
    buf_addf(buf, "\nexit status of lint: 0 clean, 1 findings, 2 usage, 3 cannot read\n");
}

static struct str help_text(struct arena *arena)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    buf_addf(&buf, "jobrun runs one CI job from its manifest: it checks everything, fetches the\n"
                   "inputs, runs the command and publishes the outputs, here as in CI.\n\n");
    add_commands(&buf);
    buf_addf(&buf, "\noptions of a run:\n");
    options_format(&buf, FOR_RUN, 0);
    buf_addf(&buf, "\noptions of show that a run does not have:\n");
    options_format(&buf, FOR_SHOW, FOR_RUN);
    buf_addf(&buf, "\noptions of lint that a run does not have:\n");
    options_format(&buf, FOR_LINT, FOR_RUN);
    buf_addf(&buf, "\nvariables:\n");
    for (size_t i = 0; i < ARRAY_COUNT(VARIABLES); i++) {
        buf_addf(&buf, "  %-26s%s\n", VARIABLES[i].name, VARIABLES[i].help);
    }
    add_statuses(&buf);
    add_lint_statuses(&buf);
    return buf_str(&buf);
}

int command_help(const char *name)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct report report = {.arena = &arena};
    const struct command_row *row = command_find(name);
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);
    buf_addf(&buf, "jobrun %s: %s\n\nusage:\n  jobrun %s%s%s\n", row->name, row->summary, row->name,
             row->usage[0] != '\0' ? " " : "", row->usage);
    if (row->options != 0) {
        buf_addf(&buf, "\noptions:\n");
        options_format(&buf, row->options, 0);
    }
    if ((row->options & FOR_JOB) != 0) {
        add_statuses(&buf);
    } else if (row->options == FOR_LINT) {
        add_lint_statuses(&buf);
    }
    return report_data(&report, buf_str(&buf)) < 0 ? STATUS_INTERNAL : STATUS_OK;
}

static int refuse(const struct report *report, const char *what, const char *text)
{
    struct error err = {0};
    error_set(&err, ERROR_USAGE, "%s '%s'", what, text);
    error_help(&err, "jobrun help [COMMAND or JOB]");
    report_error(report, &err);
    return STATUS_USAGE;
}

int cmd_help(const char *const *arguments, size_t count)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct report report = {.arena = &arena};
    if (count == 0 || strcmp(arguments[0], "--help") == 0 || strcmp(arguments[0], "-h") == 0) {
        return report_data(&report, help_text(&arena)) < 0 ? STATUS_INTERNAL : STATUS_OK;
    }
    if (count > 1) {
        return refuse(&report, "'help' takes one name, but is also given", arguments[1]);
    }
    if (arguments[0][0] == '-') {
        return refuse(&report, "'help' has no option", arguments[0]);
    }
    if (command_find(arguments[0]) != NULL) {
        return command_help(arguments[0]);
    }
    const char *const job_help[] = {arguments[0], "--help"};
    return cmd_job(job_help, ARRAY_COUNT(job_help));
}

int cmd_nothing(void)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);
    add_commands(&buf);
    struct str usage = buf_str(&buf);
    ssize_t written = write(STDERR_FILENO, usage.s, usage.n);
    (void)written;
    return STATUS_USAGE;
}
