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

static bool color_by_default(int fd)
{
    if (variable_is_set("NO_COLOR")) {
        return false;
    }
    if (variable_is_set("CLICOLOR_FORCE") && !str_is(str_from(getenv("CLICOLOR_FORCE")), "0")) {
        return true;
    }
    return isatty(fd) && !str_is(str_from(getenv("TERM")), "dumb");
}

struct report report_make(struct arena *arena, struct str wish, struct diags *diags)
{
    struct report report = {.arena = arena,
                            .color = color_by_default(STDERR_FILENO),
                            .data_color = color_by_default(STDOUT_FILENO)};
    if (str_is(wish, "always")) {
        report.color = report.data_color = true;
    } else if (str_is(wish, "never")) {
        report.color = report.data_color = false;
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

static bool hides_warnings(const struct report *report)
{
    return report->quiet || report->errors_only;
}

static void put_count(const struct report *report, const struct diags *diags)
{
    size_t warnings = 0;
    for (size_t i = 0; i < diags->count; i++) {
        warnings += diags->items[i]->severity == SEVERITY_WARNING && !hides_warnings(report);
    }
    if (diags->error_count + warnings < 2) {
        return;
    }
    struct buf buf = buf_make(report->arena, BUF_MAX_DEFAULT);
    if (diags->error_count > 0) {
        buf_addf(&buf, "%zu error%s", diags->error_count, diags->error_count == 1 ? "" : "s");
    }
    if (warnings > 0) {
        buf_addf(&buf, "%s%zu warning%s", buf.n > 0 ? ", " : "", warnings,
                 warnings == 1 ? "" : "s");
    }
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
        if (hides_warnings(report) && diags->items[i]->severity == SEVERITY_WARNING) {
            continue;
        }
        struct buf buf = buf_make(report->arena, BUF_MAX_DEFAULT);
        diag_format(&buf, diags->items[i], report->color);
        put(report, buf_str(&buf));
    }
    put_count(report, diags);
}

void report_error(const struct report *report, const struct error *err)
{
    struct buf buf = buf_make(report->arena, BUF_MAX_DEFAULT);
    struct str message = str_printable(report->arena, str_from(err->message));
    buf_addf(&buf, "%serror%s: %.*s\n", report->color ? "\x1b[1;31m" : "",
             report->color ? "\x1b[0m" : "", STR_ARG(message));
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
