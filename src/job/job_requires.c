/* `requires` with the values of the params. */
#include "base/arena.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

/* False where the text is null, or cannot be: that is reported. */
static bool expand(struct arena *arena, const struct job *job, enum requirement_kind kind,
                   const struct template *template, struct diags *diags, struct str *text)
{
    struct job_scope scope = {.job = job};

    if (kind == REQUIRE_LFS) {
        return job_expand_path(&scope, arena, template, "'lfs'", diags, text);
    }
    if (!job_expand(&scope, arena, template, diags, text) || text->s == NULL) {
        return false;
    }
    const char *problem = requirement_problem(kind, *text);
    if (problem != NULL) {
        bool by_value = job_template_has_values(job, template);
        diag_error(diags, by_value ? STATUS_USAGE : STATUS_MANIFEST, rule_id(RULE_VALUE),
                   template->node->span, "a text of '%s' becomes '%.*s', which %s",
                   requirement_key(kind), STR_ARG(*text), problem);
        return false;
    }
    if (kind == REQUIRE_PLATFORM) {
        *text = platform_canonical(*text);
    }
    return true;
}

void job_bind_requires(struct arena *arena, struct job *job, struct diags *diags)
{
    const struct manifest *manifest = job->manifest;

    job->requirements = arena_array(arena, manifest->requirement_count, sizeof *job->requirements);
    for (size_t i = 0; i < manifest->requirement_count; i++) {
        const struct requirement *requirement = &manifest->requirements[i];
        struct bound_requirement bound = {
            .requirement = requirement,
            .texts = arena_array(arena, requirement->text_count, sizeof *bound.texts),
        };

        for (size_t j = 0; j < requirement->text_count; j++) {
            bound.text_count += expand(arena, job, requirement->kind, requirement->texts[j], diags,
                                       &bound.texts[bound.text_count]);
        }
        if (bound.text_count > 0 || requirement->text_count == 0) {
            job->requirements[job->requirement_count++] = bound;
        }
    }
}
