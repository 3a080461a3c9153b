/*
 * What people see: diagnostics, errors and the lines of a run, on standard
 * error. Data goes to standard output and never through here.
 */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "base/base.h"
#include "base/diag.h"
#include "run/listener.h"

struct arena;
struct error;
struct mask;

struct report {
    struct arena *arena;
    bool data_color; /* on standard output */
    bool quiet;
    bool errors_only;     /* warnings are lint's to show */
    size_t ignored_count; /* findings of lint that comments hide: counted, not shown */
    struct diag_style style;
    const struct mask *mask; /* of the job's secrets; NULL: there are none */
    bool explain;            /* -v or --explain: the lines of listener_explain too */
};

/* Lets places in files be hyperlinks where standard error is a terminal that may have
 * colours; `folder` is absolute, and where the names of files begin. */
void report_link(struct report *report, struct str host, struct str folder);

/* `wish` is --color's value or empty. NO_COLOR, CLICOLOR_FORCE and TERM=dumb are
 * honoured; a wish that is none of auto, always, never is a diagnostic. */
struct report report_make(struct arena *arena, struct str wish, struct diags *diags);

/* All of them, sorted, and a line that counts them where there are several. */
void report_diags(const struct report *report, struct diags *diags);
/* The line alone: "2 errors, 1 ignored". */
void report_count(const struct report *report, const struct diags *diags);
void report_error(const struct report *report, const struct error *err);

/* The report must outlive the listener. */
struct listener report_listener(struct report *report);

/* Writes data to standard output, masked as well; -1 (and a message) where that fails. */
int report_data(const struct report *report, struct str text) MUST_USE;

#endif
