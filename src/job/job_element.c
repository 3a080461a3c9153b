/* What the values of one element of an input choose. */
#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

static void report_no_row(struct arena *arena, const struct input *input,
                          const struct select *select, const struct value *value,
                          struct diags *diags)
{
    struct str *names = arena_array(arena, select->row_count, sizeof *names);
    struct str shown = value_show(value, arena);
    const struct with *with = with_find(input, select->param);

    for (size_t i = 0; i < select->row_count; i++) {
        names[i] = select->rows[i].value;
    }
    struct diag *diag =
        rule_report(diags, RULE_SELECT, select->span, "the table of '%.*s' has no row for '%.*s'",
                    STR_ARG(select->param), STR_ARG(shown));
    if (with != NULL) {
        diag_label(diag, with->span, "given here");
    }
    if (value->is_list) {
        diag_help(diag, "job '%.*s' takes a list there, and a row is for one value",
                  STR_ARG(input->from));
    } else {
        diag_help_nearest(diag, shown, names, select->row_count);
    }
}

bool job_bind_rows(struct arena *arena, const struct input *input, struct element *element,
                   struct diags *diags)
{
    bool good = true;

    element->rows = arena_array(arena, input->select_count, sizeof *element->rows);
    for (size_t i = 0; i < input->select_count; i++) {
        const struct select *select = &input->selects[i];
        const struct value *value = &element->values[param_index(element->producer, select->param)];
        const struct select_row *row = NULL;
        for (size_t j = 0; j < select->row_count && !value->is_list; j++) {
            row = str_equal(select->rows[j].value, value->text) ? &select->rows[j] : row;
        }
        if (row == NULL) {
            report_no_row(arena, input, select, value, diags);
            good = false;
        } else {
            element->rows[element->row_count++] = row;
        }
    }
    return good;
}

static bool report_revision(const struct job *job, const struct input *input, struct error *problem,
                            struct diags *diags)
{
    bool by_value = job_template_has_values(job, input->commit);

    error_prefix(problem, "'commit' of input '%.*s'", STR_ARG(input->name));
    diag_from_error(diags, by_value ? STATUS_USAGE : STATUS_MANIFEST, rule_id(RULE_COMMIT),
                    input->commit->node->span, problem);
    return false;
}

bool job_bind_commit(struct arena *arena, const struct job *job, const struct input *input,
                     struct element *element, struct resolved *last, struct diags *diags)
{
    struct job_scope scope = {.job = job, .element = element};
    struct str own = job->context->commit;
    struct error problem = {0};
    struct str revision;

    element->address.commit = own;
    if (input->commit == NULL) {
        return true;
    }
    if (!job_expand(&scope, arena, input->commit, diags, &revision)) {
        return false;
    }
    if (last->revision.s == NULL || !str_equal(last->revision, revision)) {
        *last = (struct resolved){.revision = revision};
        if (context_resolve_commit(job->context, arena, revision, &last->commit, &problem) < 0) {
            return report_revision(job, input, &problem, diags);
        }
    }
    element->address.commit = last->commit;
    if (str_equal(input->from, job->manifest->name) && str_equal(element->address.commit, own)) {
        struct diag *diag = rule_report(
            diags, RULE_PRODUCER, input->commit->node->span,
            "input '%.*s' is made by this job itself, and '%.*s' is the commit that is built",
            STR_ARG(input->name), STR_ARG(revision));
        diag_help(diag, "name an earlier commit, such as HEAD~1");
        return false;
    }
    return true;
}
