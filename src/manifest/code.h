/*
 * Arguments that a program reads as code: the text behind `sh -c`, `python3 -c`,
 * `node --eval`, `cmd /c`, also where another program (env, xargs, sudo, docker run)
 * stands in front. What lands in such a text is code too, whatever it is quoted with.
 *
 * A program is known by its name, without folder, version and ".exe". The arguments
 * behind the text are values again, but for programs that join all of them (cmd).
 */
#ifndef MANIFEST_CODE_H
#define MANIFEST_CODE_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct item;
struct node;
struct step;
struct template;

/* The arguments that are written in a command, those of `args` among them, in their
 * order; NULL for items that stand for files or addresses. */
struct arguments_written {
    const struct template **items;
    size_t count;
};
struct arguments_written arguments_written(struct arena *arena, const struct item *command,
                                           size_t count);

enum code_kind {
    CODE_SHELL,       /* a POSIX shell reads it, or one that is like it */
    CODE_OTHER_SHELL, /* another one: cmd, powershell, fish */
    CODE_PROGRAM
};

struct code {
    enum code_kind kind;
    const struct node *node;     /* the text */
    const struct template *text; /* the argument; NULL: it is a script */
    size_t at;                   /* its place among the arguments */
    bool joins;                  /* what stands behind it is code as well */
    struct str program, flag;
};

/* The first text at or behind an argument; false where there is none. */
bool code_find(const struct arguments_written *arguments, size_t from, struct code *code);

/* All code of a step: its script, or the arguments that are code. */
struct code *code_of_step(struct arena *arena, const struct step *step, size_t *count);

/* Whether it is the name or path of a POSIX shell. */
bool code_is_shell(struct str program);

#endif
