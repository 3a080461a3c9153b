/* A context that is opened in a temporary folder, for the tests of src/job. */
#ifndef TESTS_UNIT_CONTEXT_FIXTURE_H
#define TESTS_UNIT_CONTEXT_FIXTURE_H

#include "temp_tree.h"

#include "base/diag.h"
#include "base/error.h"
#include "job/context.h"

#define VARIABLES_MAX 8

struct fixture {
    struct temp_tree tree;
    struct arena *arena;
    const char *variables[VARIABLES_MAX + 1];
    struct context_wishes wishes;
    struct context context;
    struct diags diags;
    struct error err;
};

static inline struct fixture begin(void)
{
    return (struct fixture){.tree = temp_tree_make(), .context.root_fd = -1};
}

static inline void end(struct fixture *f)
{
    context_close(&f->context);
    temp_tree_remove(&f->tree);
}

static inline void set(struct fixture *f, const char *variable)
{
    size_t i = 0;

    while (f->variables[i] != NULL)
        i++;
    assert_true(i < VARIABLES_MAX);
    f->variables[i] = variable;
}

static inline void forget(struct fixture *f)
{
    memset(f->variables, 0, sizeof f->variables);
    f->wishes = (struct context_wishes){0};
}

static inline void open_at(struct fixture *f, const char *folder)
{
    f->arena = &f->tree.arena;
    f->diags = diags_make(f->arena);
    context_close(&f->context);
    const struct variables variables = {f->variables};
    if (context_open(&f->context, f->arena, temp_path(&f->tree, folder), &variables, &f->wishes,
                     &f->diags, &f->err) != 0)
        fail_msg("%s", f->err.message);
}

static inline void read_commit(struct fixture *f, const char *folder)
{
    open_at(f, folder);
    if (context_read_commit(&f->context, f->arena, &f->diags, &f->err) != 0)
        fail_msg("%s", f->err.message);
}

static inline void assert_no_problem(const struct fixture *f)
{
    if (f->diags.count > 0)
        fail_msg("unexpected: %.*s", STR_ARG(f->diags.items[0]->message));
}

static inline void assert_problem(const struct fixture *f, enum status status, const char *message)
{
    assert_int_equal(f->diags.count, 1);
    const struct diag *d = f->diags.items[0];
    if (!str_contains(d->message, str_from(message)))
        fail_msg("got '%.*s', expected '%s'", STR_ARG(d->message), message);
    assert_int_equal(d->status, status);
    assert_true(d->help_count > 0);
}

#endif
