#include "base/pack.h"

const char *const PACK_NAMES[] = {"tar.zst", "tar.gz", NULL};

const char *pack_name(enum pack_format format)
{
    if (format == PACK_NONE) {
        BUG("no format has no name");
    }
    return PACK_NAMES[(int)format - 1];
}

enum pack_format pack_parse(struct str name)
{
    for (int i = 0; PACK_NAMES[i] != NULL; i++) {
        if (str_is(name, PACK_NAMES[i])) {
            return (enum pack_format)(i + 1);
        }
    }
    return PACK_NONE;
}
