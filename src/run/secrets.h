/*
 * The secrets of a job: their values, which stand in the caller's environment and
 * nowhere in a plan, what is masked because of them, and what must hold before
 * anything runs.
 *
 * jobrun's own memory and environment do hold the values, as those of the shell
 * that started it do; whether they may be in a core file is the caller's limit
 * (RLIMIT_CORE), which a job inherits too and which is therefore left alone.
 */
#ifndef RUN_SECRETS_H
#define RUN_SECRETS_H

#include "base/base.h"
#include "base/diag.h"
#include "base/str.h"

struct arena;
struct command;
struct effects;
struct manifest;
struct mask;
struct matcher;
struct plan;
struct variables;

/* Of all values together: more than that cannot be masked in every form. */
#define SECRETS_BYTES_MAX ((size_t)64 << 10)

struct secrets {
    struct str *names; /* of those that are set and long enough to be looked for */
    size_t count;
    size_t total_bytes;        /* of their values */
    const struct mask *mask;   /* of all steps, whether they run or not; NULL: nothing to mask */
    const struct matcher *raw; /* of the values as they are, by `names`; NULL likewise */
};

/* The values are looked up at once; an empty one counts as not set. */
const struct secrets *secrets_make(struct arena *arena, const struct manifest *manifest,
                                   const struct variables *variables);

/* What the secrets of the wanted steps, less the `effects` that are done, must be: set, unless they are optional; long
 * enough; not too large together. With `publishes` also: no part of a param's
 * value, which the address and the receipt hold. Status 121, all at once. */
void secrets_check(const struct secrets *secrets, struct arena *arena, const struct plan *plan,
                   const struct effects *effects, bool publishes, struct diags *diags);

/* The command's environment with the values of the secrets that its step lists. */
const char *const *secrets_envp(struct arena *arena, const struct command *command,
                                const struct variables *variables);

/* The name of the first secret whose value the text holds; .s NULL: of none. */
struct str secrets_find(const struct secrets *secrets, struct str text);

#endif
