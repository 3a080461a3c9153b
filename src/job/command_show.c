#include "base/arena.h"
#include "job/plan.h"

#include <string.h>

struct str command_variable(const struct command *command, struct str name)
{
    for (const char *const *entry = (const char *const *)command->envp; *entry != NULL; entry++) {
        if (strncmp(*entry, name.s, name.n) == 0 && (*entry)[name.n] == '=') {
            return str_from(*entry + name.n + 1);
        }
    }
    return (struct str){0};
}

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
