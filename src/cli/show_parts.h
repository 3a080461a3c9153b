/* What a plan has, as text: for --dry-run and for `jobrun show`. */
#ifndef CLI_SHOW_PARTS_H
#define CLI_SHOW_PARTS_H

#include "base/base.h"
#include "base/str.h"
#include "job/arguments.h"

struct arena;
struct bound_requirement;
struct command;
struct job;
struct variables;

/* "command line" */
const char *origin_name(enum value_origin origin);
/* The value of a variable that the command sees; .s NULL: it is not set. */
struct str command_variable(const struct command *command, struct str name);
/* "platform linux-x64 or linux-arm64", "disk 20.0 GiB" */
struct str requirement_show(struct arena *arena, const struct bound_requirement *bound);

/* The values of the params and where they come from, with a heading. */
void show_params(struct buf *buf, struct arena *arena, const struct job *job);
/* Folder, argv, script and variables; of secrets the names, and with `variables` (or
 * NULL) whether they are set. */
void show_command(struct buf *buf, struct arena *arena, const struct command *command,
                  const struct variables *variables);
/* The patterns of the outputs that are wanted. */
void show_outputs(struct buf *buf, const struct job *job);

#endif
