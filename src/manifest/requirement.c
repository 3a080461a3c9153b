/* What the keys of `requires` can ask for. */
#include "base/str.h"
#include "manifest/manifest.h"

const char *requirement_key(enum requirement_kind kind)
{
    static const char *const KEYS[] = {
        [REQUIRE_PLATFORM] = "platform", [REQUIRE_TOOL] = "tools",
        [REQUIRE_ENVIRONMENT] = "env",   [REQUIRE_CLEAN_TREE] = "clean-tree",
        [REQUIRE_LFS] = "lfs",           [REQUIRE_HISTORY] = "history",
        [REQUIRE_DISK] = "disk",
    };

    return KEYS[kind];
}

static bool has_control_character(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.s[i];
        if (c < 0x20 || c == 0x7f) {
            return true;
        }
    }
    return false;
}

static const char *tool_problem(struct str name)
{
    if (name.n == 0) {
        return "is empty";
    }
    if (str_index(name, '/') < name.n) {
        return "is a path, not the name of a program";
    }
    return has_control_character(name) ? "holds a control character" : NULL;
}

const char *requirement_problem(enum requirement_kind kind, struct str text)
{
    switch (kind) {
    case REQUIRE_PLATFORM:
        return platform_is_known(text) ? NULL : "is no platform";
    case REQUIRE_ENVIRONMENT:
        return name_is_environment(text) ? NULL : "is not a name for an environment";
    case REQUIRE_TOOL:
        return tool_problem(text);
    case REQUIRE_CLEAN_TREE:
    case REQUIRE_LFS:
    case REQUIRE_HISTORY:
    case REQUIRE_DISK:
        break;
    }
    return NULL;
}
