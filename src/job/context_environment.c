#include "job/context_environment.h"

#include "base/arena.h"
#include "job/ci.h"
#include "job/context.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"

static const struct span NOWHERE;

struct str context_wish(const struct context *context, struct str option, const char *option_name,
                        const char *variable, struct str *why)
{
    if (option.s != NULL) {
        *why = str_from(option_name);
        return option;
    }
    struct str value = variables_get(&context->variables, variable);
    if (value.n == 0) {
        return (struct str){0};
    }
    *why = str_from(variable);
    return value;
}

void context_choose_environment(struct context *context, struct arena *arena,
                                const struct context_wishes *wishes, struct diags *diags)
{
    struct str why = {0};
    struct str name = context_wish(context, wishes->environment, "--env", "JOBRUN_ENV", &why);

    ci_recognise(arena, &context->config, &context->variables, &context->ci_system,
                 &context->ci_run_url);
    struct str marker = ci_marker(arena, &context->config, &context->variables);
    context->environment = marker.n > 0 ? STR("CI") : STR("dev");
    context->environment_why = marker.n > 0 ? marker : STR("no CI system");
    if (name.s != NULL && name_is_environment(name)) {
        context->environment = str_copy(arena, name);
        context->environment_why = str_format(arena, "by %.*s", STR_ARG(why));
    } else if (name.s != NULL) {
        struct diag *d = diag_error(diags, STATUS_USAGE, rule_id(RULE_ENVIRONMENT), NOWHERE,
                                    "%.*s: '%.*s' is not a name for an environment", STR_ARG(why),
                                    STR_ARG(name));
        diag_help(d, "names of environments are 1 to 64 letters, digits, '.', '_' and '-'");
    }
    context->is_protected = config_is_protected(&context->config, context->environment);
}

void context_choose_commit(struct context *context, const struct context_wishes *wishes,
                           struct diags *diags)
{
    struct str why = {0};
    struct str commit = context_wish(context, wishes->commit, "--commit", "JOBRUN_COMMIT", &why);

    if (commit.s != NULL && commit.n == 0) {
        struct diag *d = diag_error(diags, STATUS_USAGE, rule_id(RULE_COMMIT), NOWHERE,
                                    "--commit names no commit");
        diag_help(d, "give a revision, or leave the option out for HEAD");
        return;
    }
    context->commit_wish = commit;
    context->commit_wish_why = why;
}
