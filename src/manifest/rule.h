/*
 * The rules that `jobrun lint` checks by: one row each in rule.def, from which
 * come a diagnostic's id and severity, `--explain` and the page schema/rules.md.
 *
 *     struct diag *d = rule_report(diags, RULE_UNKNOWN_KEY, span, "unknown key '%.*s'", ...);
 *     diag_help(d, ...);
 *
 * Where a run reports the same thing of a value that its user gave, the status is
 * another: diag_error(diags, STATUS_USAGE, rule_id(RULE_PATH), ...).
 */
#ifndef MANIFEST_RULE_H
#define MANIFEST_RULE_H

#include "base/base.h"
#include "base/diag.h"

enum rule_number {
#define RULE(name, ...) RULE_##name,
#include "manifest/rule.def"
#undef RULE
    RULE_COUNT
};

struct rule {
    const char *id;
    const char *group; /* those of one group stand together */
    enum severity severity;
    const char *summary;     /* one line, lower case, no full stop */
    const char *explanation; /* paragraphs: what goes wrong, and what to do */
    const char *bad, *good;  /* examples; rule.def says how they are written */
};

extern const struct rule RULES[RULE_COUNT];
const char *rule_id(enum rule_number rule);
const struct rule *rule_find(struct str id); /* NULL: none; not every diagnostic is of a rule */

/* A problem of a text, with the severity of its rule; an error is STATUS_MANIFEST.
 * Never NULL. */
struct diag *rule_report(struct diags *diags, enum rule_number rule, struct span span,
                         const char *format, ...) PRINTF_LIKE(4, 5);

#endif
