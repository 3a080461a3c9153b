/*
 * Diagnostics: problems found in a text, collected so that all of them are
 * reported at once. A stage adds what it finds, returns something usable and
 * goes on; its caller stops when `error_count` grew.
 *
 *     struct diags diags = diags_make(&arena);
 *     struct diag *d = diag_error(&diags, STATUS_MANIFEST, "unknown-key", span,
 *                                 "unknown key '%.*s'", STR_ARG(key));
 *     diag_label(d, other, "first defined here");
 *     diag_help(d, "did you mean '%s'?", nearest);
 *
 * A problem with no place in a text (an argument, an environment variable) has
 * an all-zero span. Every text is made printable as it is added, and cut at
 * DIAG_TEXT_MAX bytes. A note or a help may have several lines; the line ends
 * must stand in the format, those that come with an argument are escaped.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/base.h"
#include "base/source.h"
#include "base/status.h"

#include <stdarg.h>

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

/* A second place that belongs to the problem. */
struct label {
    struct span span;
    struct str text;
};

struct diag {
    struct diags *owner;
    enum severity severity;
    enum status status; /* what a run that ends with this problem exits with */
    const char *rule;   /* id, for example "unknown-key"; never NULL */
    bool stops_run;     /* an error that a run would find too, and not begin */
    struct str message;
    struct span span;
    struct label *labels;
    size_t label_count, label_capacity;
    struct str *notes; /* facts: "looked at ..." */
    size_t note_count, note_capacity;
    struct str *helps; /* what to do next */
    size_t help_count, help_capacity;
};

/* At most this many are kept; the rest is counted in `dropped`. */
#define DIAGS_MAX 1000
/* At most this many labels, notes and helps of one diagnostic each. */
#define DIAG_DETAILS_MAX 64
#define DIAG_TEXT_MAX    8192

struct diags {
    struct arena *arena;
    struct diag **items;
    size_t count, capacity;
    size_t error_count;
    size_t limit; /* a stage keeps no more while it works; 0: DIAGS_MAX */
    size_t dropped;
    struct diag *overflow; /* stands for all that were dropped; not in items */
};

struct diags diags_make(struct arena *arena);

/* Never NULL. */
struct diag *diag_error(struct diags *diags, enum status status, const char *rule, struct span span,
                        const char *format, ...) PRINTF_LIKE(5, 6);
struct diag *diag_warning(struct diags *diags, const char *rule, struct span span,
                          const char *format, ...) PRINTF_LIKE(4, 5);
/* Either; the status is an error's. */
struct diag *diag_vadd(struct diags *diags, enum severity severity, enum status status,
                       const char *rule, struct span span, const char *format, va_list args)
    PRINTF_LIKE(6, 0);
/* An error value that turned out to be a problem of the user's: its message,
 * and its help where it has one. */
struct diag *diag_from_error(struct diags *diags, enum status status, const char *rule,
                             struct span span, const struct error *err);
void diag_label(struct diag *diag, struct span span, const char *format, ...) PRINTF_LIKE(3, 4);
void diag_note(struct diag *diag, const char *format, ...) PRINTF_LIKE(2, 3);
void diag_help(struct diag *diag, const char *format, ...) PRINTF_LIKE(2, 3);
/* "did you mean 'x'?" where one of the names is near; true if it was added. */
bool diag_help_nearest(struct diag *diag, struct str written, const struct str *names,
                       size_t count);

/* The worst status of all errors, STATUS_OK where there are none. */
enum status diags_status(const struct diags *diags);

/* Says of the errors from items[from] on that they stop a run. */
void diags_stop_run(struct diags *diags, size_t from);

/* Takes out those for which `takes` is true; the others keep their order. */
void diags_take(struct diags *diags, bool (*takes)(void *context, struct diag *diag),
                void *context);

/* In the order of file and place, those without a place last; of two with the
 * same place, rule and message one goes. Stable else. */
void diags_sort(struct diags *diags);

/* How a diagnostic is dressed for a terminal. */
struct diag_style {
    bool color;        /* SGR sequences */
    struct str host;   /* of the addresses of files */
    struct str folder; /* absolute: where their names begin; .s NULL: no hyperlinks (OSC 8) */
};

/* One diagnostic as text for people, with the line, a caret and labels:
 *
 *     error[unknown-key]: unknown key 'outptus'
 *       --> manifests/build.yaml:12:1
 *        |
 *     12 | outptus:
 *        | ^^^^^^^
 *        = note: ...
 *        = help: did you mean 'outputs'?
 *
 * Long lines are shown in part. */
void diag_format(struct buf *buf, const struct diag *diag, const struct diag_style *style);

#endif
