#include "sys/library.h"
#include "sys/tarball_parts.h"

struct tarball_functions tarball_functions;

static const char *const FILES[] = {
#ifdef __APPLE__
    "libarchive.13.dylib", "libarchive.dylib", "/opt/homebrew/opt/libarchive/lib/libarchive.dylib",
    "/usr/local/opt/libarchive/lib/libarchive.dylib",
#else
    "libarchive.so.13",
#endif
    NULL};

static const struct library_symbol SYMBOLS[] = {
#define TARBALL_SYMBOL(function) {#function, &tarball_functions.function},
    TARBALL_FUNCTIONS(TARBALL_SYMBOL)
#undef TARBALL_SYMBOL
        {0}};

static const struct library LIBARCHIVE = {
    .title = "libarchive, which packs and unpacks,",
    .files = FILES,
    .package = "libarchive13 (Debian, Ubuntu), libarchive (conda-forge, Fedora, Homebrew)",
    .symbols = SYMBOLS,
};

int tarball_ready(struct error *err)
{
    static bool is_open;

    if (!is_open && library_open(&LIBARCHIVE, err) < 0) {
        return -1;
    }
    is_open = true;
    return 0;
}

locale_t tarball_use_utf8(void)
{
    static const char *const NAMES[] = {"C.UTF-8", "en_US.UTF-8", "UTF-8"};
    static locale_t utf8;

    for (size_t i = 0; i < ARRAY_COUNT(NAMES) && utf8 == (locale_t)0; i++) {
        utf8 = newlocale(LC_CTYPE_MASK, NAMES[i], (locale_t)0);
    }
    return uselocale(utf8);
}

void tarball_restore_locale(locale_t *before)
{
    uselocale(*before);
}
