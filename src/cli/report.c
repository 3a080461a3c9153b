#include "cli/report.h"

#include "base/arena.h"
#include "base/error.h"
#include "manifest/rule.h"
#include "run/mask.h"
#include "sys/fd.h"

#include <stdlib.h>
#include <unistd.h>

static bool variable_is_set(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0';
}

static bool terminal_has_escapes(int fd)
{
    return isatty(fd) && !str_is(str_from(getenv("TERM")), "dumb");
}

static bool color_by_default(int fd)
{
    if (variable_is_set("NO_COLOR")) {
        return false;
    }
    if (variable_is_set("CLICOLOR_FORCE") && !str_is(str_from(getenv("CLICOLOR_FORCE")), "0")) {
        return true;
    }
    return terminal_has_escapes(fd);
}

struct report report_make(struct arena *arena, struct str wish, struct diags *diags)
{
    struct report report = {.arena = arena,
                            .style.color = color_by_default(STDERR_FILENO),
                            .data_color = color_by_default(STDOUT_FILENO)};
    if (str_is(wish, "always")) {
        report.style.color = report.data_color = true;
    } else if (str_is(wish, "never")) {
        report.style.color = report.data_color = false;
    } else if (wish.s != NULL && !str_is(wish, "auto")) {
        diag_error(diags, STATUS_USAGE, rule_id(RULE_USAGE), (struct span){0},
                   "--color is auto, always or never, not '%.*s'", STR_ARG(wish));
    }
    return report;
}

/* Where standard error itself is broken there is nobody left to tell. */
static void put(const struct report *report, struct str text)
{
    struct error ignored = {0};
    text = mask_text(report->mask, report->arena, text);
    if (fd_write_all(STDERR_FILENO, text.s, text.n, "standard error", &ignored) < 0) {
        return;
    }
}

void report_link(struct report *report, struct str host, struct str folder)
{
    if (report->style.color && terminal_has_escapes(STDERR_FILENO)) {
        report->style.host = host;
        report->style.folder = folder;
    }
}

/* "2 errors", behind a comma where it is not the first. */
static void add_count(struct buf *buf, size_t count, const char *noun, const char *plural)
{
    if (count > 0) {
        buf_addf(buf, "%s%zu %s%s", buf->n > 0 ? ", " : "", count, noun, count == 1 ? "" : plural);
    }
}

void report_count(const struct report *report, const struct diags *diags)
{
    size_t warnings = 0;
    for (size_t i = 0; i < diags->count; i++) {
        warnings += diags->items[i]->severity == SEVERITY_WARNING && !report->errors_only;
    }
    size_t shown = diags->error_count + warnings;
    if (shown == 0 || shown + report->ignored_count < 2) {
        return;
    }
    struct buf buf = buf_make(report->arena, BUF_MAX_DEFAULT);
    add_count(&buf, diags->error_count, "error", "s");
    add_count(&buf, warnings, "warning", "s");
    add_count(&buf, report->ignored_count, "ignored", "");
    if (diags->dropped > 0) {
        buf_addf(&buf, "; %zu more are not shown", diags->dropped);
    }
    buf_add_char(&buf, '\n');
    put(report, buf_str(&buf));
}

void report_diags(const struct report *report, struct diags *diags)
{
    diags_sort(diags);
    for (size_t i = 0; i < diags->count; i++) {
        if (report->errors_only && diags->items[i]->severity == SEVERITY_WARNING) {
            continue;
        }
        struct buf buf = buf_make(report->arena, BUF_MAX_DEFAULT);
        diag_format(&buf, diags->items[i], &report->style);
        put(report, buf_str(&buf));
    }
    report_count(report, diags);
}

void report_error(const struct report *report, const struct error *err)
{
    struct buf buf = buf_make(report->arena, BUF_MAX_DEFAULT);
    struct str message = str_printable(report->arena, str_from(err->message));
    buf_addf(&buf, "%serror%s: %.*s\n", report->style.color ? "\x1b[1;31m" : "",
             report->style.color ? "\x1b[0m" : "", STR_ARG(message));
    if (err->help[0] != '\0') {
        struct str help = str_printable(report->arena, str_from(err->help));
        buf_addf(&buf, "  = help: %.*s\n", STR_ARG(help));
    }
    put(report, buf_str(&buf));
}

static void say(void *context, struct str line)
{
    const struct report *report = context;
    if (report->quiet) {
        return;
    }
    struct str clean = str_printable(report->arena, line);
    put(report, str_format(report->arena, "%.*s\n", STR_ARG(clean)));
}

static void explain(void *context, struct str line)
{
    const struct report *report = context;
    if (report->explain) {
        say(context, line);
    }
}

struct listener report_listener(struct report *report)
{
    return (struct listener){.say = say, .explain = explain, .context = report};
}

int report_data(const struct report *report, struct str text)
{
    struct error err = {0};
    text = mask_text(report->mask, report->arena, text);
    if (fd_write_all(STDOUT_FILENO, text.s, text.n, "standard output", &err) < 0) {
        report_error(report, &err);
        return -1;
    }
    return 0;
}
