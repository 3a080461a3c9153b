#include "sys/library.h"

#include "base/error.h"

#include <dlfcn.h>

static void *open_any(const struct library *library)
{
    void *handle = NULL;

    for (size_t i = 0; library->files[i] != NULL && handle == NULL; i++) {
        handle = dlopen(library->files[i], RTLD_NOW | RTLD_LOCAL);
    }
    return handle;
}

static int cannot_use(const struct library *library, const char *why, struct error *err)
{
    error_set(err, ERROR_NOT_ALLOWED, "%s cannot be used: %s", library->title, why);
    return error_help(err, "install it: %s", library->package);
}

int library_open(const struct library *library, struct error *err)
{
    void *handle = open_any(library);

    if (handle == NULL) {
        const char *why = dlerror();
        return cannot_use(library, why != NULL ? why : "it is not there", err);
    }
    for (const struct library_symbol *symbol = library->symbols; symbol->name != NULL; symbol++) {
        void *function = dlsym(handle, symbol->name);
        if (function == NULL) {
            dlclose(handle);
            return cannot_use(library, "this version of it is too old", err);
        }
        /* ISO C has no cast from an object to a function. */
        memcpy(symbol->function, &function, sizeof function);
    }
    return 0;
}
