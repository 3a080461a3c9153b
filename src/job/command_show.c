#include "base/arena.h"
#include "job/plan.h"

struct str command_show(const struct command *command, struct arena *arena)
{
    struct buf line = buf_make(arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < command->argc; i++) {
        if (i > 0) {
            buf_add_char(&line, ' ');
        }
        buf_add(&line, str_shell_quote(arena, str_from(command->argv[i])));
    }
    if (command->script.s != NULL) {
        buf_add(&line, STR(" <script>"));
    }
    return buf_str(&line);
}
