/*
 * The tasks of pixi, from pixi.toml or from [tool.pixi] of pyproject.toml in the
 * workspace root; those of features and of targets are among them.
 */
#ifndef LINT_PIXI_H
#define LINT_PIXI_H

#include "base/base.h"
#include "base/source.h"
#include "base/str.h"

struct lint;

struct pixi_task {
    struct str name;
    struct span span;      /* of the name */
    struct str command;    /* the words of a list with a space between; .s NULL: it has none */
    struct span at;        /* of the command */
    struct span args_span; /* of `args`; .source NULL: it declares none */
    bool has_folder;       /* it runs in a folder of its own */
};

struct pixi {
    const struct source *source; /* NULL: there is no such file */
    const char *tasks_table;     /* "tasks" or "tool.pixi.tasks": where a new task goes */
    struct pixi_task *tasks;
    size_t count, capacity;
};

/* A file that cannot be read as TOML is a problem of it, in lint->diags, and gives no
 * tasks and no source. */
struct pixi pixi_read(struct lint *lint);

#endif
