#include "manifest/code.h"

#include "base/arena.h"
#include "manifest/manifest.h"

/* How a program takes code. Of a cluster of short options ("-euc") each counts. */
struct interpreter {
    const char *names;   /* with a space around each */
    const char *flags;   /* short options whose argument is code */
    const char *words;   /* long ones, with a space around each; those of cmd too */
    const char *takes;   /* short options that have another argument */
    enum code_kind kind; /* of CODE_SHELL the code is the next argument, whatever stands
                          * behind the letter */
    bool takes_words;    /* code may also come behind arguments that are no options */
    bool joins;          /* all arguments that follow are one text */
};

static const struct interpreter INTERPRETERS[] = {
    {.names = " sh bash dash ash zsh ksh mksh yash ", .flags = "c", .takes = "oO"},
    {.names = " su runuser ", .flags = "c", .words = " --command ", .takes_words = true},
    {.names = " eval ", .joins = true},
    {.names = " fish ", .flags = "cC", .words = " --command ", .kind = CODE_OTHER_SHELL},
    {.names = " cmd ", .words = " /c /k /r ", .kind = CODE_OTHER_SHELL, .joins = true},
    {.names = " powershell pwsh ",
     .words = " -c -command --command ",
     .kind = CODE_OTHER_SHELL,
     .joins = true},
    {.names = " python pypy ", .flags = "c", .takes = "WXm", .kind = CODE_PROGRAM},
    {.names = " perl ", .flags = "eE", .takes = "IMm", .kind = CODE_PROGRAM},
    {.names = " ruby ", .flags = "e", .takes = "CIrE", .kind = CODE_PROGRAM},
    {.names = " node nodejs bun ",
     .flags = "ep",
     .words = " --eval --print ",
     .takes = "rC",
     .kind = CODE_PROGRAM},
    {.names = " php ", .flags = "rBRE", .words = " --run ", .takes = "cdz", .kind = CODE_PROGRAM},
    {.names = " lua luajit ", .flags = "e", .takes = "l", .kind = CODE_PROGRAM},
    {.names = " rscript julia groovy osascript ",
     .flags = "e",
     .words = " --eval ",
     .kind = CODE_PROGRAM},
};

/* Of all these names: most arguments are longer, and need not be compared. */
#define LONGEST_NAME (sizeof "powershell" - 1)

struct arguments_written arguments_written(struct arena *arena, const struct item *command,
                                           size_t count)
{
    struct arguments_written written = {0};
    size_t capacity = 0;

    for (size_t i = 0; i < count; i++) {
        const struct item *item = &command[i];
        for (size_t j = 0; item->kind == ITEM_ARGS && j < item->arg_count; j++) {
            *ARENA_PUSH(arena, written.items, written.count, capacity) = item->args[j];
        }
        if (item->kind != ITEM_ARGS) {
            *ARENA_PUSH(arena, written.items, written.count, capacity) =
                item->kind == ITEM_TEXT ? item->text : NULL;
        }
    }
    return written;
}

/* The text that an argument begins with, which is all of it where it has no
 * placeholder. */
static struct str text_at_start(const struct template *argument)
{
    if (argument == NULL || argument->count == 0 || argument->parts[0].kind != PART_TEXT) {
        return STR("");
    }
    return argument->parts[0].text;
}

static bool has_word(const char *words, struct str word)
{
    struct str head, rest = str_from(words);

    while (word.n > 0 && str_cut(rest, ' ', &head, &rest)) {
        if (head.n == word.n && strncasecmp(head.s, word.s, word.n) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_letter(const char *letters, char c)
{
    return letters != NULL && c != '\0' && strchr(letters, c) != NULL;
}

/* "python" of "/usr/bin/python3.11" and "python.exe" */
static struct str program_name(struct str path)
{
    struct str head, name = path;

    while (str_cut(path, '/', &head, &path)) {
        name = path;
    }
    if (name.n > 4 && strncasecmp(name.s + name.n - 4, ".exe", 4) == 0) {
        name.n -= 4;
    }
    while (name.n > 1 && strchr("0123456789.", name.s[name.n - 1]) != NULL) {
        name.n--;
    }
    return name;
}

static const struct interpreter *find_interpreter(const struct template *argument)
{
    struct str text;

    if (argument == NULL || !template_is_text(argument, &text)) {
        return NULL;
    }
    struct str name = program_name(text);
    for (size_t i = 0; i < ARRAY_COUNT(INTERPRETERS) && name.n <= LONGEST_NAME; i++) {
        if (has_word(INTERPRETERS[i].names, name)) {
            return &INTERPRETERS[i];
        }
    }
    return NULL;
}

/* What one option says of the code. */
enum option_says { SAYS_NOTHING, SAYS_HERE, SAYS_NEXT, SAYS_SKIP };

static enum option_says read_long(const struct interpreter *program, struct str option)
{
    struct str name, value;
    bool is_glued = str_cut(option, '=', &name, &value);

    if (!has_word(program->words, name)) {
        return SAYS_NOTHING;
    }
    return is_glued ? SAYS_HERE : SAYS_NEXT;
}

static enum option_says read_cluster(const struct interpreter *program, struct str option,
                                     bool is_whole)
{
    enum option_says says = SAYS_NOTHING;

    for (size_t i = 1; i < option.n; i++) {
        bool is_next = (i + 1 == option.n && is_whole) || program->kind == CODE_SHELL;
        if (has_letter(program->flags, option.s[i])) {
            return is_next ? SAYS_NEXT : SAYS_HERE;
        }
        if (has_letter(program->takes, option.s[i])) {
            says = is_next ? SAYS_SKIP : SAYS_NOTHING;
            if (program->kind != CODE_SHELL) {
                return says;
            }
        }
    }
    return says;
}

static enum option_says read_option(const struct interpreter *program,
                                    const struct template *argument)
{
    struct str option = text_at_start(argument);

    if (program->words != NULL && read_long(program, option) != SAYS_NOTHING) {
        return read_long(program, option);
    }
    if (str_starts(option, STR("--")) || !str_starts(option, STR("-"))) {
        return SAYS_NOTHING;
    }
    return read_cluster(program, option, argument->count == 1);
}

static bool take_text(const struct arguments_written *arguments, size_t at, struct code *code)
{
    code->at = at;
    code->text = at < arguments->count ? arguments->items[at] : NULL;
    code->node = code->text != NULL ? code->text->node : NULL;
    return code->text != NULL;
}

/* Whether a program of the name is started here, or only named: `nix eval`, a package
 * (`conda create python -c CHANNEL`), a container (`docker run --name node -e X=Y`). */
static bool starts_program(const struct arguments_written *arguments, size_t at,
                           const struct interpreter *program)
{
    struct str first = program_name(text_at_start(arguments->items[0]));
    bool installs = has_word(" conda mamba micromamba pixi rattler-build ", first);

    if (at == 0) {
        return true;
    }
    for (size_t i = 1; i < at; i++) {
        installs = installs && !has_word(" run exec ", text_at_start(arguments->items[i]));
    }
    /* No program is called eval, so that nothing but a shell can run it. */
    return !installs && !(program->words == NULL && program->flags == NULL) &&
           !has_word(" --name --hostname --target --package ",
                     text_at_start(arguments->items[at - 1]));
}

/* The code of the program at `at`. */
static bool read_program(const struct arguments_written *arguments, size_t at, struct code *code)
{
    const struct interpreter *program = find_interpreter(arguments->items[at]);

    if (program == NULL || !starts_program(arguments, at, program)) {
        return false;
    }
    *code = (struct code){.program = text_at_start(arguments->items[at]),
                          .kind = program->kind,
                          .joins = program->joins};
    if (program->words == NULL && program->flags == NULL) {
        return take_text(arguments, at + 1, code);
    }
    for (size_t i = at + 1; i < arguments->count; i++) {
        struct str text = text_at_start(arguments->items[i]);
        enum option_says says = read_option(program, arguments->items[i]);
        if (says == SAYS_HERE || says == SAYS_NEXT) {
            code->flag = text;
            return take_text(arguments, says == SAYS_NEXT ? i + 1 : i, code);
        }
        if (str_is(text, "--") || (!program->takes_words && !str_starts(text, STR("-")) &&
                                   !str_starts(text, STR("/")) && !str_starts(text, STR("+")))) {
            return false;
        }
        i += says == SAYS_SKIP ? 1 : 0;
    }
    return false;
}

bool code_find(const struct arguments_written *arguments, size_t from, struct code *code)
{
    struct str first = arguments->count > 0 ? text_at_start(arguments->items[0]) : STR("");

    /* What is only printed is run by nobody. */
    if (str_is(first, "echo") || str_is(first, "printf")) {
        return false;
    }
    for (size_t i = 0; i + 1 < arguments->count; i++) {
        if (!read_program(arguments, i, code)) {
            continue;
        }
        if (code->at >= from || (code->joins && take_text(arguments, from, code))) {
            return true;
        }
        i = code->at;
    }
    return false;
}

bool code_is_shell(struct str program)
{
    return has_word(INTERPRETERS[0].names, program_name(program));
}

struct code *code_of_step(struct arena *arena, const struct step *step, size_t *count)
{
    struct arguments_written arguments =
        arguments_written(arena, step->command, step->command_count);
    struct code *codes = NULL, code;
    size_t capacity = 0;

    *count = 0;
    if (step->script != NULL) {
        bool is_shell = step->shell_count == 0 || code_is_shell(text_at_start(step->shell[0]));
        *ARENA_PUSH(arena, codes, *count, capacity) = (struct code){
            .kind = is_shell ? CODE_SHELL : CODE_PROGRAM,
            .node = step->script,
        };
    }
    for (size_t from = 0; code_find(&arguments, from, &code); from = code.at + 1) {
        *ARENA_PUSH(arena, codes, *count, capacity) = code;
    }
    return codes;
}
