#include "cli/explain.h"

#include "cli/options.h"
#include "cli/show_rule.h"
#include "cli/workspace.h"
#include "job/shown.h"
#include "manifest/rule.h"

static const struct span NOWHERE = {0};

static void refuse_unknown_rule(struct workspace *workspace, struct str id)
{
    struct str ids[RULE_COUNT];
    for (size_t i = 0; i < RULE_COUNT; i++) {
        ids[i] = str_from(RULES[i].id);
    }
    struct diag *diag =
        diag_error(&workspace->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                   "there is no rule '%.*s'", STR_ARG(shown_text(&workspace->arena, id)));
    if (!diag_help_nearest(diag, id, ids, RULE_COUNT)) {
        diag_help(diag, "jobrun lint --list-rules");
    }
}

/* --explain and --list-rules look at no file: whoever names one wanted something else. */
static bool refuse_more(struct workspace *workspace, const struct options *options)
{
    const char *name = options->given[OPTION_EXPLAIN_RULE] ? OPTIONS[OPTION_EXPLAIN_RULE].name
                                                           : OPTIONS[OPTION_LIST_RULES].name;
    if (options->rest_count > 0) {
        diag_error(&workspace->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                   "%s checks nothing, but '%.*s' is given", name,
                   STR_ARG(shown_text(&workspace->arena, options->rest[0].text)));
    }
    if (options->given[OPTION_EXPLAIN_RULE] && options->given[OPTION_LIST_RULES]) {
        diag_error(&workspace->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                   "%s and %s exclude one another", name, OPTIONS[OPTION_LIST_RULES].name);
    }
    return workspace->diags.error_count > 0;
}

int explain_rules(struct workspace *workspace, const struct options *options)
{
    struct buf buf = buf_make(&workspace->arena, BUF_MAX_DEFAULT);
    struct str id = options->value[OPTION_EXPLAIN_RULE];
    const struct rule *rule = id.s != NULL ? rule_find(id) : NULL;
    if (id.s != NULL && rule == NULL) {
        refuse_unknown_rule(workspace, id);
    }
    if (refuse_more(workspace, options)) {
        report_diags(&workspace->report, &workspace->diags);
        return STATUS_USAGE;
    }
    if (rule != NULL) {
        show_rule(&buf, rule, workspace->report.data_color);
    } else {
        show_rules(&buf, workspace->report.data_color);
    }
    return report_data(&workspace->report, buf_str(&buf)) < 0 ? STATUS_INTERNAL : STATUS_OK;
}
