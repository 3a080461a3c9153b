/*
 * What a shell does with the values that it is given: a secret that becomes an
 * argument, which every process of the machine can see, and text that is read as
 * commands once more.
 */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/code.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/shell_text.h"

/* The text of one step, or of one of its arguments. */
struct shell_check {
    struct check *check;
    const struct step *step;
    const struct node *node;
    struct shell_text text;
    struct diag **secrets; /* of each secret: what was said of it, or NULL */
};

static ptrdiff_t find_secret(const struct step *step, struct str name)
{
    for (size_t i = 0; i < step->secret_count; i++) {
        if (str_equal(step->secrets[i].name, name)) {
            return (ptrdiff_t)i;
        }
    }
    return -1;
}

static void report_secret(struct shell_check *shell, struct str name, struct str program,
                          struct span span)
{
    ptrdiff_t index = find_secret(shell->step, name);

    if (index < 0) {
        return;
    }
    if (shell->secrets[index] != NULL) {
        diag_label(shell->secrets[index], span, "here too");
        return;
    }
    struct diag *d = rule_report(shell->check->diags, RULE_SECRET_ARGUMENT, span,
                                 "secret '%.*s' becomes an argument of '%.*s', which every "
                                 "process on the machine can see",
                                 STR_ARG(name), STR_ARG(program));
    diag_help(d,
              "let the program read the variable %.*s itself, or its standard input: '... <<< "
              "\"$%.*s\"'",
              STR_ARG(name), STR_ARG(name));
    shell->secrets[index] = d;
}

/* Values of params and inputs, as opposed to what the script made itself. */
static bool is_given(struct str variable)
{
    return str_starts(variable, STR("PARAM_")) || str_starts(variable, STR("VAR_")) ||
           str_starts(variable, STR("INPUT_"));
}

static void report_eval(struct shell_check *shell, struct str name, struct span span)
{
    struct diag *d = rule_report(shell->check->diags, RULE_EVAL, span,
                                 "'eval' reads the value of %.*s as commands", STR_ARG(name));

    diag_help(d, "use the value as \"$%.*s\" in the command itself, without 'eval'", STR_ARG(name));
}

static void check_word(struct shell_check *shell, const struct shell_word *word, bool is_eval,
                       struct str program)
{
    size_t count;
    struct shell_expansion *found = shell_word_expansions(shell->check->arena, word->text, &count);

    for (size_t i = 0; i < count; i++) {
        struct span span =
            node_span_within(shell->node, word->at + found[i].at, found[i].name.n + 1);
        if (!is_eval) {
            report_secret(shell, found[i].name, program, span);
        } else if (is_given(found[i].name)) {
            report_eval(shell, found[i].name, span);
        }
    }
}

static void check_command(struct shell_check *shell, const struct shell_command *command)
{
    size_t first;
    bool is_program = shell_command_is_program(&shell->text, command, &first);
    bool is_eval = str_is(command->words[first].text, "eval");

    for (size_t i = first + 1; (is_program || is_eval) && i < command->count; i++) {
        check_word(shell, &command->words[i], is_eval, command->words[first].text);
    }
}

static void check_text(struct shell_check *shell, const struct node *node)
{
    shell->node = node;
    shell->text = shell_text_read(shell->check->arena, node->text);
    for (size_t i = 0; i < shell->text.count; i++) {
        check_command(shell, &shell->text.commands[i]);
    }
}

/* "$NAME" in an argument: nobody puts the value in, and it would be seen. */
static void check_argument(struct shell_check *shell, const struct template *argument)
{
    size_t count;
    struct shell_expansion *found =
        shell_word_expansions(shell->check->arena, argument->node->text, &count);

    for (size_t i = 0; i < count; i++) {
        if (find_secret(shell->step, found[i].name) < 0) {
            continue;
        }
        struct diag *d = rule_report(
            shell->check->diags, RULE_SECRET_ARGUMENT,
            node_span_within(argument->node, found[i].at, found[i].name.n + 1),
            "secret '%.*s' is meant to become an argument, which every process on the machine "
            "can see",
            STR_ARG(found[i].name));
        diag_note(d, "no shell reads an argument, so the program gets the text as it stands here");
        diag_help(d, "let the program read the variable %.*s itself", STR_ARG(found[i].name));
    }
}

static bool is_code(const struct code *codes, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++) {
        if (codes[i].text != NULL && codes[i].at == at) {
            return true;
        }
    }
    return false;
}

void check_shell(struct check *check, const struct step *step, const struct code *codes,
                 size_t count)
{
    struct shell_check shell = {.check = check, .step = step};
    struct arguments_written arguments =
        arguments_written(check->arena, step->command, step->command_count);
    struct str program = STR("");

    shell.secrets = arena_array(check->arena, step->secret_count, sizeof(struct diag *));
    for (size_t i = 0; i < count; i++) {
        if (codes[i].kind == CODE_SHELL) {
            check_text(&shell, codes[i].node);
        }
    }
    if (arguments.count > 0 && arguments.items[0] != NULL) {
        template_is_text(arguments.items[0], &program);
    }
    /* envsubst takes the names of what it may put in. */
    for (size_t i = 0; step->secret_count > 0 && i < arguments.count; i++) {
        if (arguments.items[i] != NULL && !is_code(codes, count, i) &&
            !str_is(program, "envsubst")) {
            check_argument(&shell, arguments.items[i]);
        }
    }
}
