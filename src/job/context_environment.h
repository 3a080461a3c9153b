/* What the command line, the variables and jobrun.yaml say together: the parts
 * of context_open() that decide between them. */
#ifndef JOB_CONTEXT_ENVIRONMENT_H
#define JOB_CONTEXT_ENVIRONMENT_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct context;
struct context_wishes;
struct diags;

/* Each needs `start`, `root`, `config` and `variables`; problems are in `diags`,
 * and the context stays usable. The store is chosen after the environment. */
void context_choose_environment(struct context *context, struct arena *arena,
                                const struct context_wishes *wishes, struct diags *diags);
void context_choose_store(struct context *context, struct arena *arena,
                          const struct context_wishes *wishes, struct diags *diags);
void context_choose_inputs(struct context *context, const struct context_wishes *wishes,
                           struct diags *diags);
void context_choose_commit(struct context *context, const struct context_wishes *wishes,
                           struct diags *diags);

/* What an option or else its variable says, and which of them: .s NULL for
 * neither. An empty option is what somebody wrote, an empty variable is none. */
struct str context_wish(const struct context *context, struct str option, const char *option_name,
                        const char *variable, struct str *why);

#endif
