#include "cli/wishes.h"

#include "cli/options.h"
#include "cli/workspace.h"
#include "job/shown.h"
#include "manifest/manifest.h"
#include "run/run.h"
#include "sys/fs.h"

#define RULE_ID "usage"

static const struct span NOWHERE = {0};

/* NAME=PATH or NAME[label]=PATH, where a label may hold '='. */
static void parse_local_input(struct workspace *workspace, struct str text,
                              struct local_input *local)
{
    struct arena *arena = &workspace->arena;
    struct str rest;
    local->text = text;
    size_t equals = str_index(text, '=');
    size_t bracket = str_index(text, '[');
    bool whole = true;
    if (bracket < equals) {
        size_t end = bracket;
        while (end + 1 < text.n && !(text.s[end] == ']' && text.s[end + 1] == '=')) {
            end++;
        }
        whole = end + 1 < text.n;
        local->name = str_slice(text, 0, bracket);
        local->label = str_slice(text, bracket + 1, end - bracket - 1);
        rest = str_after(text, end + 2);
    } else {
        whole = str_cut(text, '=', &local->name, &rest);
    }
    if (!whole || local->name.n == 0 || rest.n == 0) {
        struct diag *diag =
            diag_error(&workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE,
                       "--input '%.*s' is not NAME=PATH", STR_ARG(shown_text(arena, text)));
        diag_help(diag, "for one element of a fan-in: --input 'NAME[platform=linux-x64]=PATH'");
        return;
    }
    local->path = fs_join(arena, workspace->folder, rest);
}

static void parse_timeout(struct workspace *workspace, const struct options *options,
                          struct run_wishes *wishes)
{
    struct str text = options->value[OPTION_TIMEOUT];
    if (!options->given[OPTION_TIMEOUT]) {
        return;
    }
    bool is_time = duration_parse(text, &wishes->timeout_ms);
    /* 0 would mean none to those who carry it out, and nobody is told so. */
    if (!is_time || wishes->timeout_ms == 0) {
        struct diag *diag = diag_error(
            &workspace->diags, STATUS_USAGE, RULE_ID, NOWHERE, "--timeout '%.*s' is not a time%s",
            STR_ARG(shown_text(&workspace->arena, text)), is_time ? " to run in" : "");
        diag_help(diag, "write 90s, 60m or 2h");
    }
}

void wishes_parse(struct workspace *workspace, const struct options *options,
                  struct run_wishes *wishes)
{
    struct arena *arena = &workspace->arena;
    *wishes = (struct run_wishes){
        .force = options->given[OPTION_FORCE],
        .dry_run = options->given[OPTION_DRY_RUN],
        .explain = options->given[OPTION_EXPLAIN],
        .no_publish = options->given[OPTION_NO_PUBLISH],
        .timeout_ms = -1,
        .fetch = {.no_fetch = options->given[OPTION_NO_FETCH], .local_count = options->input_count},
    };
    if (options->given[OPTION_LOG]) {
        wishes->log_path = fs_join(arena, workspace->folder, options->value[OPTION_LOG]);
    }
    parse_timeout(workspace, options, wishes);
    struct local_input *locals = arena_array(arena, options->input_count + 1, sizeof *locals);
    for (size_t i = 0; i < options->input_count; i++) {
        parse_local_input(workspace, options->inputs[i], &locals[i]);
    }
    wishes->fetch.locals = locals;
}
