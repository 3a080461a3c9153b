/*
 * The rules that a manifest is checked by: one row each in rule.def, used as
 * the `rule` of diagnostics: diag_error(diags, STATUS_MANIFEST,
 * rule_id(RULE_UNKNOWN_KEY), ...).
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
    const char *group;
    enum severity severity;
    const char *summary;     /* one line, lower case, no full stop */
    const char *explanation; /* paragraphs: what it is for, and what to do */
    const char *bad, *good;  /* examples; rule.def says how they are written */
};

extern const struct rule RULES[RULE_COUNT];
const char *rule_id(enum rule_number rule);
/* The rule with an id, or NULL: not every diagnostic is of a rule. */
const struct rule *rule_find(struct str id);

#endif
