#include "base/str.h"
#include "job/context.h"

struct str variables_get(const struct variables *variables, const char *name)
{
    size_t n = strlen(name);

    for (const char *const *at = variables->list; at != NULL && *at != NULL; at++) {
        if (strncmp(*at, name, n) == 0 && (*at)[n] == '=') {
            return str_from(*at + n + 1);
        }
    }
    return (struct str){0};
}
