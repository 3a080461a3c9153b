/* Code in arguments: a value in it is code as well, whatever it is quoted with. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/code.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

/* The placeholder as it is written; empty where its text is escaped in the file. */
static struct str placeholder_text(const struct part *part)
{
    struct str text = part->span.source != NULL
                          ? str_slice(part->span.source->text, part->span.start, part->span.length)
                          : STR("");

    return str_starts(text, STR("${")) && str_ends(text, STR("}")) ? text : STR("");
}

static void help_code(struct check *check, struct diag *d, const struct code *code, struct str text)
{
    enum part_kind kind;
    struct str name;

    if (code->joins && code->kind != CODE_SHELL) {
        diag_help(d, "run the program itself: '%.*s' is not needed to start one",
                  STR_ARG(code->program));
    } else if (!check_read_placeholder(text, &kind, &name)) {
        diag_help(d, "give the value as an argument of its own, behind the text");
    } else if (code->kind == CODE_SHELL) {
        check_help_variable(check, d, kind, name);
    } else {
        diag_help(d,
                  "let the code read the variable %.*s, or give the value as an argument of its "
                  "own, behind the text",
                  STR_ARG(check_variable(check, kind, name)));
    }
}

static void refuse_part(struct check *check, const struct code *code, const struct part *part)
{
    bool is_program = code->kind == CODE_PROGRAM;
    struct str text = placeholder_text(part);
    struct str shown = text.n > 0 ? text : part->name;
    struct str command = code->flag.n > 0 ? str_format(check->arena, "%.*s %.*s",
                                                       STR_ARG(code->program), STR_ARG(code->flag))
                                          : code->program;
    struct diag *d =
        check_report(check, is_program ? RULE_CODE_PLACEHOLDER : RULE_SHELL_PLACEHOLDER, part->span,
                     "'%.*s' would read the value of '%.*s' as %s", STR_ARG(command),
                     STR_ARG(shown), is_program ? "code" : "shell text");

    help_code(check, d, code, text);
}

void check_code(struct check *check, const struct code *code)
{
    for (size_t i = 0; i < code->text->count; i++) {
        if (code->text->parts[i].kind != PART_TEXT) {
            refuse_part(check, code, &code->text->parts[i]);
        }
    }
    check_variables(check, code->node);
}
