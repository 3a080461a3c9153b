#include "base/base.h"

#include <stdarg.h>
#include <unistd.h>

static void (*exhausted_handler)(void);

void bug_at(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fprintf(stderr, "jobrun: bug at %s:%d: ", file, line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}

void memory_exhausted(void)
{
    static const char message[] = "jobrun: out of memory\n";

    if (exhausted_handler) {
        exhausted_handler();
    }
    /* stdio may want memory of its own. */
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    abort();
}

void memory_on_exhausted(void (*handler)(void))
{
    exhausted_handler = handler;
}

void memory_wipe(void *bytes, size_t n)
{
    if (n > 0) {
        memset(bytes, 0, n);
        __asm__ volatile("" : : "r"(bytes) : "memory");
    }
}
