#include "manifest/param.h"

static const struct platform {
    const char *name;
    const char *conda;
} PLATFORMS[PLATFORM_COUNT] = {
    {"linux-x64", "linux-64"},    {"linux-arm64", "linux-aarch64"}, {"macos-x64", "osx-64"},
    {"macos-arm64", "osx-arm64"}, {"windows-x64", "win-64"},
};

static const struct platform *find_platform(struct str name)
{
    for (size_t i = 0; i < ARRAY_COUNT(PLATFORMS); i++) {
        if (str_is(name, PLATFORMS[i].name) || str_is(name, PLATFORMS[i].conda)) {
            return &PLATFORMS[i];
        }
    }
    return NULL;
}

struct str platform_canonical(struct str name)
{
    const struct platform *platform = find_platform(name);

    return platform ? str_from(platform->name) : name;
}

bool platform_is_known(struct str name)
{
    return find_platform(name) != NULL;
}

void platform_names(struct str names[PLATFORM_COUNT])
{
    for (size_t i = 0; i < PLATFORM_COUNT; i++) {
        names[i] = str_from(PLATFORMS[i].name);
    }
}
