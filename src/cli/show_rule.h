/* The rules as text: what `jobrun lint --explain` and `--list-rules` print, and what
 * the page schema/rules.md is made from. */
#ifndef CLI_SHOW_RULE_H
#define CLI_SHOW_RULE_H

#include "base/base.h"
#include "base/str.h"

struct rule;

/* One rule, headed as its diagnostics are:
 *
 *     error[unknown-key]: a key that the language does not have
 *     group: schema
 *
 *     A misspelt key would do nothing: ...
 *
 *     bad example:
 *
 *         job: build
 *
 *     good example:
 *         ...
 */
void show_rule(struct buf *buf, const struct rule *rule, bool color);

/* All of them, a line each below the name of their group: id, severity, summary. */
void show_rules(struct buf *buf, bool color);

#endif
