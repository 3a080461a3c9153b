/* `jobrun lint --explain RULE` and `jobrun lint --list-rules`, which look at no file and
 * need no workspace. */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

struct options;
struct workspace;

/* Prints what is asked for, or refuses it; the exit status. The workspace has its arena
 * and its report, and need not be open. */
int explain_rules(struct workspace *workspace, const struct options *options);

#endif
