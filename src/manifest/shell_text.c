#include "manifest/shell_text.h"

#include "base/arena.h"

/* What `read_commands` reads up to. */
enum shell_end { END_OF_TEXT, END_PAREN, END_BACKTICK };

struct shell_reader {
    struct arena *arena;
    struct str text;
    size_t at;
    size_t depth, word_count;
    struct shell_text read;
    struct str *heredocs; /* delimiters of those that begin behind this line */
    size_t heredoc_count, heredoc_capacity;
};

static void read_commands(struct shell_reader *r, enum shell_end end);

static bool is_one_of(struct str word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_is(word, words[i])) {
            return true;
        }
    }
    return false;
}

static char peek(const struct shell_reader *r, size_t ahead)
{
    return r->at + ahead < r->text.n ? r->text.s[r->at + ahead] : '\0';
}

static bool comes(const struct shell_reader *r, const char *text)
{
    return str_starts(str_after(r->text, r->at), str_from(text));
}

static bool ends_word(char c)
{
    return c != '\0' && strchr(" \t\n;&|()<>", c) != NULL;
}

static bool is_name(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* --- words --- */

static void skip_single_quotes(struct shell_reader *r)
{
    r->at++;
    r->at += str_index(str_after(r->text, r->at), '\'') + 1;
}

/* At "$'", within which a backslash hides a quote. */
static void skip_escaped_quotes(struct shell_reader *r)
{
    for (r->at += 2; r->at < r->text.n && peek(r, 0) != '\'';) {
        r->at += peek(r, 0) == '\\' ? 2 : 1;
    }
    r->at++;
}

static void skip_expansion(struct shell_reader *r);

static void skip_double_quotes(struct shell_reader *r)
{
    for (r->at++; r->at < r->text.n && peek(r, 0) != '"';) {
        if (peek(r, 0) == '\\') {
            r->at += 2;
        } else if (peek(r, 0) == '$' || peek(r, 0) == '`') {
            skip_expansion(r);
        } else {
            r->at++;
        }
    }
    r->at++;
}

/* Up to the bracket that closes the one that was just read. */
static void skip_brackets(struct shell_reader *r, char open, char close)
{
    for (size_t depth = 1; depth > 0 && r->at < r->text.n;) {
        char c = peek(r, 0);
        if (c == '\'') {
            skip_single_quotes(r);
        } else if (c == '"') {
            skip_double_quotes(r);
        } else if (c == '\\') {
            r->at += 2;
        } else {
            depth += c == open ? 1 : 0;
            depth -= c == close ? 1 : 0;
            r->at++;
        }
    }
}

static void read_inside(struct shell_reader *r, enum shell_end end)
{
    if (r->depth >= SHELL_DEPTH_MAX) {
        r->at = r->text.n;
        return;
    }
    r->depth++;
    read_commands(r, end);
    r->depth--;
}

/* '$' or '`', and what belongs to it. */
static void skip_expansion(struct shell_reader *r)
{
    if (peek(r, 0) == '`') {
        r->at++;
        read_inside(r, END_BACKTICK);
    } else if (comes(r, "$((")) {
        r->at += 2;
        skip_brackets(r, '(', ')');
    } else if (comes(r, "$(")) {
        r->at += 2;
        read_inside(r, END_PAREN);
    } else if (comes(r, "${")) {
        r->at += 2;
        skip_brackets(r, '{', '}');
    } else {
        r->at++;
    }
}

static struct shell_word read_word(struct shell_reader *r, enum shell_end end)
{
    size_t start = r->at;

    while (r->at < r->text.n && !ends_word(peek(r, 0))) {
        char c = peek(r, 0);
        if (c == '`' && end == END_BACKTICK) {
            break;
        }
        if (c == '\'') {
            skip_single_quotes(r);
        } else if (c == '"') {
            skip_double_quotes(r);
        } else if (c == '$' && peek(r, 1) == '\'') {
            skip_escaped_quotes(r);
        } else if (c == '$' || c == '`') {
            skip_expansion(r);
        } else {
            r->at += c == '\\' ? 2 : 1;
        }
    }
    r->at = r->at < r->text.n ? r->at : r->text.n;
    return (struct shell_word){.text = str_slice(r->text, start, r->at - start), .at = start};
}

/* "NAME=", "NAME+=" or "NAME[...]=" at its start. */
static bool is_assignment(struct str word)
{
    size_t n = 0;

    while (n < word.n && is_name(word.s[n])) {
        n++;
    }
    if (n == 0 || (word.s[0] >= '0' && word.s[0] <= '9')) {
        return false;
    }
    if (n < word.n && word.s[n] == '[') {
        n += str_index(str_after(word, n), ']') + 1;
    }
    n += n < word.n && word.s[n] == '+' ? 1 : 0;
    return n < word.n && word.s[n] == '=';
}

/* --- between words --- */

static void skip_blanks(struct shell_reader *r)
{
    while (peek(r, 0) == ' ' || peek(r, 0) == '\t' || comes(r, "\\\n")) {
        r->at += peek(r, 0) == '\\' ? 2 : 1;
    }
}

static struct str without_quotes(struct arena *arena, struct str word)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < word.n; i++) {
        if (strchr("\"'\\", word.s[i]) == NULL) {
            buf_add_char(&buf, word.s[i]);
        }
    }
    return buf_str(&buf);
}

/* At a '<' or '>': the operator and its target. */
static void skip_redirection(struct shell_reader *r, enum shell_end end)
{
    bool is_heredoc = comes(r, "<<") && !comes(r, "<<<");

    while (r->at < r->text.n && strchr("<>&|", peek(r, 0)) != NULL) {
        r->at++;
    }
    r->at += is_heredoc && peek(r, 0) == '-' ? 1 : 0;
    skip_blanks(r);
    struct shell_word target = read_word(r, end);
    if (is_heredoc) {
        *ARENA_PUSH(r->arena, r->heredocs, r->heredoc_count, r->heredoc_capacity) =
            without_quotes(r->arena, target.text);
    }
}

/* Behind the end of a line. */
static void skip_heredocs(struct shell_reader *r)
{
    for (size_t i = 0; i < r->heredoc_count; i++) {
        struct str line, rest = str_after(r->text, r->at);
        bool more = true, found = false;
        while (more && !found) {
            more = str_cut(rest, '\n', &line, &rest);
            found = str_equal(str_trim(line), r->heredocs[i]);
            r->at += line.n + (more ? 1 : 0);
        }
    }
    r->heredoc_count = 0;
}

static bool is_digits(struct str word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (word.s[i] < '0' || word.s[i] > '9') {
            return false;
        }
    }
    return word.n > 0;
}

/* --- commands --- */

static void add_function(struct shell_reader *r, struct str name)
{
    if (r->read.function_count >= SHELL_FUNCTIONS_MAX) {
        return;
    }
    *ARENA_PUSH(r->arena, r->read.functions, r->read.function_count, r->read.function_capacity) =
        name;
}

static void end_command(struct shell_reader *r, struct shell_command *command)
{
    if (command->count > 0) {
        *ARENA_PUSH(r->arena, r->read.commands, r->read.count, r->read.capacity) = *command;
    }
    *command = (struct shell_command){0};
}

/* Where a command can begin: false for what is no part of one. */
static bool take_first_word(struct shell_reader *r, struct shell_word word)
{
    static const char *const KEYWORDS[] = {"if",    "then", "else", "elif",  "fi", "while",
                                           "until", "do",   "done", "esac",  "{",  "}",
                                           "!",     "time", "case", "coproc"};

    if (is_assignment(word.text)) {
        if (str_ends(word.text, STR("=")) && peek(r, 0) == '(') {
            r->at++;
            skip_brackets(r, '(', ')');
        }
        return false;
    }
    if (str_is(word.text, "[[")) {
        struct str rest = str_after(r->text, r->at);
        while (rest.n > 0 && !str_starts(rest, STR("]]"))) {
            rest = str_after(rest, 1);
        }
        r->at = r->text.n - rest.n + (rest.n > 0 ? 2 : 0);
        return false;
    }
    return !is_one_of(word.text, KEYWORDS, ARRAY_COUNT(KEYWORDS));
}

static void add_word(struct shell_reader *r, struct shell_command *command, enum shell_end end)
{
    size_t before = r->at;
    struct shell_word word = read_word(r, end);

    if (r->at == before) { /* never the same place twice */
        r->at++;
        return;
    }
    if ((peek(r, 0) == '<' || peek(r, 0) == '>') && is_digits(word.text)) {
        return;
    }
    if (command->count > 0 || take_first_word(r, word)) {
        *ARENA_PUSH(r->arena, command->words, command->count, command->capacity) = word;
        r->word_count++;
    }
    if (command->count == 2 && str_is(command->words[0].text, "function")) {
        add_function(r, word.text);
        *command = (struct shell_command){0};
    }
}

/* At '(' where no word is: a subshell, arithmetic, or the brackets of a function. */
static void read_paren(struct shell_reader *r, struct shell_command *command)
{
    if (command->count == 1 && comes(r, "()")) {
        add_function(r, command->words[0].text);
        *command = (struct shell_command){0};
        r->at += 2;
    } else if (comes(r, "((")) {
        r->at++;
        skip_brackets(r, '(', ')');
    } else {
        r->at++;
        end_command(r, command);
        read_inside(r, END_PAREN);
    }
}

static void read_commands(struct shell_reader *r, enum shell_end end)
{
    struct shell_command command = {0};

    for (bool ended = false; !ended && r->at < r->text.n && r->word_count < SHELL_WORDS_MAX;) {
        skip_blanks(r);
        char c = peek(r, 0);
        ended = (c == ')' && end == END_PAREN) || (c == '`' && end == END_BACKTICK);
        if (ended) {
            r->at++;
        } else if (c == '#') {
            r->at += str_index(str_after(r->text, r->at), '\n');
        } else if (comes(r, "<(") || comes(r, ">(")) {
            r->at += 2;
            read_inside(r, END_PAREN);
        } else if (c == '<' || c == '>' || comes(r, "&>")) {
            skip_redirection(r, end);
        } else if (c == '(') {
            read_paren(r, &command);
        } else if (c != '\0' && strchr("\n;&|)", c) != NULL) {
            r->at++;
            end_command(r, &command);
            if (c == '\n') {
                skip_heredocs(r);
            }
        } else if (r->at < r->text.n) {
            add_word(r, &command, end);
        }
    }
    if (r->word_count >= SHELL_WORDS_MAX) {
        r->at = r->text.n;
    }
    end_command(r, &command);
}

struct shell_text shell_text_read(struct arena *arena, struct str text)
{
    struct shell_reader r = {.arena = arena, .text = text};

    read_commands(&r, END_OF_TEXT);
    return r.read;
}

/* --- what is asked of them --- */

bool shell_command_is_program(const struct shell_text *text, const struct shell_command *command,
                              size_t *first)
{
    static const char *const BEFORE[] = {"command", "exec", "builtin", "time", "!"};
    static const char *const BUILTINS[] = {
        ":",        ".",       "[",        "alias",    "bg",      "bind",    "break",  "caller",
        "cd",       "compgen", "complete", "continue", "declare", "dirs",    "disown", "echo",
        "enable",   "eval",    "exit",     "export",   "false",   "fc",      "fg",     "for",
        "getopts",  "hash",    "help",     "history",  "jobs",    "let",     "local",  "logout",
        "mapfile",  "popd",    "print",    "printf",   "pushd",   "pwd",     "read",   "readarray",
        "readonly", "return",  "select",   "set",      "shift",   "shopt",   "source", "suspend",
        "test",     "times",   "trap",     "true",     "type",    "typeset", "ulimit", "umask",
        "unalias",  "unset",   "wait"};

    *first = 0;
    while (*first + 1 < command->count &&
           is_one_of(command->words[*first].text, BEFORE, ARRAY_COUNT(BEFORE))) {
        ++*first;
    }
    struct str name = command->words[*first].text;
    for (size_t i = 0; i < text->function_count; i++) {
        if (str_equal(text->functions[i], name)) {
            return false;
        }
    }
    return !is_one_of(name, BUILTINS, ARRAY_COUNT(BUILTINS)) &&
           !is_one_of(name, BEFORE, ARRAY_COUNT(BEFORE));
}

/* At "${": the name, where its value is put in. */
static bool read_braced(struct str text, struct str *name)
{
    size_t n = 2;

    while (n < text.n && is_name(text.s[n])) {
        n++;
    }
    *name = str_slice(text, 2, n - 2);
    return name->n > 0 && !str_starts(str_after(text, n), STR("+")) &&
           !str_starts(str_after(text, n), STR(":+"));
}

static bool read_bare(struct str text, struct str *name)
{
    size_t n = 1;

    while (n < text.n && is_name(text.s[n])) {
        n++;
    }
    *name = str_slice(text, 1, n - 1);
    return name->n > 0;
}

struct shell_expansion *shell_word_expansions(struct arena *arena, struct str word, size_t *count)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct shell_reader r = {.arena = &scratch, .text = word};
    struct shell_expansion *found = NULL, next;
    size_t capacity = 0;
    bool is_quoted = false;

    *count = 0;
    while (r.at < word.n) {
        char c = peek(&r, 0);
        if (c == '\'' && !is_quoted) {
            skip_single_quotes(&r);
        } else if (c == '`' || comes(&r, "$(")) {
            skip_expansion(&r);
        } else {
            struct str rest = str_after(word, r.at);
            next.at = r.at;
            if (comes(&r, "${") ? read_braced(rest, &next.name)
                                : c == '$' && read_bare(rest, &next.name)) {
                *ARENA_PUSH(arena, found, *count, capacity) = next;
            }
            is_quoted = is_quoted != (c == '"');
            r.at += c == '\\' ? 2 : 1;
        }
    }
    return found;
}

struct str shell_word_plain(struct str word)
{
    char quote = word.n >= 2 ? word.s[0] : '\0';

    if ((quote == '"' || quote == '\'') && word.s[word.n - 1] == quote) {
        word = str_slice(word, 1, word.n - 2);
    }
    for (size_t i = 0; i < word.n; i++) {
        if (strchr("\"'\\$`", word.s[i]) != NULL) {
            return (struct str){0};
        }
    }
    return word;
}
