/*
 * `# jobrun: ignore[RULE, ...] REASON`: findings that an author has looked at.
 *
 *     struct ignores ignores = ignores_make(arena);
 *     ignores_add(&ignores, source, diags);             each text that was asked for
 *     ignores_apply(&ignores, diags);                   ignores.hidden is complete
 *     ignores_report_unused(&ignores, unchecked, diags);
 *
 * A comment behind something is for the findings of its line; one that stands
 * alone, for those of the first line below it that is no such comment. A finding
 * within a text of several lines (a script) counts for the line on which the text
 * begins, where the comment may also stand behind the '|'. Only comments of YAML
 * count, not a '#' within a text.
 *
 * Every warning can be ignored, and every error that a run does not stop at. An
 * error that stops a run (diag.stops_run) stays, and says so: else lint would
 * find nothing in a manifest that no run accepts. What is wrong with the comments
 * themselves cannot be ignored.
 */
#ifndef LINT_IGNORE_H
#define LINT_IGNORE_H

#include "base/base.h"
#include "base/diag.h"
#include "manifest/rule.h"

struct arena;
struct ignore;

#define IGNORES_MAX 1000 /* rules in all comments of one text; those behind are not read */

/* A finding that a comment hides. */
struct hidden {
    const struct diag *diag;
    struct span comment;
    struct str reason; /* empty where the author gave none, which is a finding too */
};

/* A text whose comments were read. */
struct ignored_text {
    const struct source *source;
    struct span *long_texts; /* scalars of several lines, in their order */
    size_t long_text_count;
    struct ignore *ignores; /* in the order of the text */
    size_t count, capacity;
    bool reports_unused;
};

struct ignores {
    struct arena *arena;
    struct ignored_text *texts;
    size_t text_count, text_capacity;
    struct hidden *hidden;
    size_t hidden_count, hidden_capacity;
};

struct ignores ignores_make(struct arena *arena);

/* Reads the comments of a text; a text that is known already is left alone. What is
 * wrong with them goes to `diags`. With `reports_unused` all that they could hide was
 * looked for. */
void ignores_add(struct ignores *ignores, const struct source *source, bool reports_unused,
                 struct diags *diags);

/* Takes the findings out of `diags` that a comment hides, in texts that were not
 * added as well. */
void ignores_apply(struct ignores *ignores, struct diags *diags);

/* The comments that hide nothing: those of rules in `unchecked` excepted. Nothing
 * where an error has stopped the search for more, or findings were dropped. */
void ignores_report_unused(const struct ignores *ignores, const bool unchecked[RULE_COUNT],
                           struct diags *diags);

#endif
