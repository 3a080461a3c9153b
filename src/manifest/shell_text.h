/*
 * The text of a shell script as the commands in it, as far as lint must tell them
 * apart: which words become arguments of a program, and which are read by the shell
 * alone.
 *
 *     struct shell_text read = shell_text_read(arena, script->text);
 *     for each of read.commands[0 .. read.count): its words
 *
 * Left out are comments, here-documents and here-strings, the targets of
 * redirections, assignments, keywords, arithmetic, and what stands in [[ ]]. The
 * commands within $( ), ` `, <( ) and ( ) are commands of their own, also where they
 * stand inside of a word. A text that is no shell script gives some words, and never
 * an error: what is found is for hints.
 */
#ifndef MANIFEST_SHELL_TEXT_H
#define MANIFEST_SHELL_TEXT_H

#include "base/base.h"
#include "base/str.h"

struct arena;

#define SHELL_DEPTH_MAX     50     /* substitutions within one another; below it is all one word */
#define SHELL_FUNCTIONS_MAX 1000   /* that are known of one text */
#define SHELL_WORDS_MAX     100000 /* of one text; what stands behind them is not read */

/* One argument as it is written, with its quotes. */
struct shell_word {
    struct str text;
    size_t at; /* in the script */
};

struct shell_command {
    struct shell_word *words; /* the first is the name */
    size_t count, capacity;
};

struct shell_text {
    struct shell_command *commands; /* each with one word or more */
    size_t count, capacity;
    struct str *functions; /* that the text defines */
    size_t function_count, function_capacity;
};

struct shell_text shell_text_read(struct arena *arena, struct str text);

/* Whether the first word names a program that is started: no builtin of a shell, and
 * no function of this text. `first` is where its name stands, behind `command`,
 * `exec` and the like. */
bool shell_command_is_program(const struct shell_text *text, const struct shell_command *command,
                              size_t *first);

/* A place in a word where the value of a variable is put in. */
struct shell_expansion {
    struct str name;
    size_t at; /* in the word */
};

/* "$NAME", "${NAME}", "${NAME:-x}"; not in single quotes, not "${#NAME}" or
 * "${NAME:+x}", and not within a substitution, whose words are looked at apart. */
struct shell_expansion *shell_word_expansions(struct arena *arena, struct str word, size_t *count);

/* The word where it is plain text, without quotes around the whole; else .s NULL. */
struct str shell_word_plain(struct str word);

#endif
