/*
 * The options of the command line, in one table: parsing, --help, completions
 * and the man page are made from it.
 *
 * A line is read in two passes, because the flags of a job are known only when
 * its manifest has been read. Long options of jobrun are known by their names,
 * which no param may have, so options_split() takes them out first and finds
 * the job; what is left goes to options_take_short() once it is known which
 * flags of the job take a value, so that `--message -q` is a message.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/base.h"
#include "base/diag.h"
#include "job/arguments.h"

struct arena;

enum option_number {
    OPTION_FORCE,
    OPTION_DRY_RUN,
    OPTION_EXPLAIN,
    OPTION_ENV,
    OPTION_COMMIT,
    OPTION_STORE,
    OPTION_INPUTS_FROM,
    OPTION_INPUT,
    OPTION_PARAMS_FILE,
    OPTION_P,
    OPTION_NO_FETCH,
    OPTION_NO_PUBLISH,
    OPTION_ALLOW_EFFECTS,
    OPTION_TIMEOUT,
    OPTION_LOG,
    OPTION_JSON,
    OPTION_EXPLAIN_RULE,
    OPTION_LIST_RULES,
    OPTION_FORMAT,
    OPTION_STDIN_FILENAME,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_COLOR,
    OPTION_HELP,
    OPTION_COUNT
};

/* The commands that take an option, as bits. */
#define FOR_RUN  1u
#define FOR_LINT 2u
#define FOR_SHOW 4u
#define FOR_JOB  (FOR_RUN | FOR_SHOW)
#define FOR_ALL  (FOR_JOB | FOR_LINT)

struct option {
    const char *name;     /* "--force"; NULL: it has a short name alone */
    char letter;          /* 'q' of -q; 0: none */
    const char *argument; /* "ENV"; NULL: it takes none */
    unsigned commands;
    const char *help;
};

extern const struct option OPTIONS[OPTION_COUNT];

#define OPTION_REPEATS_MAX 1000

/* What was given. */
struct options {
    bool given[OPTION_COUNT];
    struct str value[OPTION_COUNT]; /* the last one, for options with an argument */
    struct str *inputs;             /* all --input */
    size_t input_count, input_capacity;
    struct str subject;        /* the job or the first path; .s NULL: none */
    struct raw_argument *rest; /* what is not an option of jobrun, in order */
    size_t rest_count, rest_capacity;
};

/* Position in OPTIONS, or -1. A short option may have its value behind it. */
int option_find_long(struct str name, unsigned command);
int option_find_short(struct str text, unsigned command);
/* An option that jobrun will have and does not have yet; NULL: none. */
const struct option *option_find_planned(struct str name, unsigned command);
/* The long names of the options of a command; how many. */
size_t options_names(unsigned command, struct str names[OPTION_COUNT]);

/* Takes the options of `command` (one bit) out of the arguments. The first one
 * that is no option is the subject where `has_job` is true, and flags before it
 * are refused; everything else goes to `rest`. Problems are diagnostics with
 * STATUS_USAGE. */
void options_split(struct options *options, struct arena *arena, unsigned command, bool has_job,
                   const char *const *arguments, size_t count, struct diags *diags);

/* Takes the short options of `command` (-P, -h, ...) out of `rest`, but not where they
 * are the value of a flag of the job: takes_value() says of a name whether that flag
 * has one. */
void options_take_short(struct options *options, struct arena *arena, unsigned command,
                        bool (*takes_value)(const void *context, struct str name),
                        const void *context, struct diags *diags);

/* The rows of a command for its help, without those that another one (0: none) has
 * too: two columns. */
void options_format(struct buf *buf, unsigned command, unsigned shared_with);

#endif
