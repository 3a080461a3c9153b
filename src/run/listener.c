#include "run/listener.h"

#include "base/arena.h"

#include <inttypes.h>
#include <stdarg.h>

#define LINE_BYTES_MAX 65536

/* Names and texts in a line may come from a store: what a terminal would act on
 * is made visible. */
static void tell(void (*call)(void *context, struct str line), void *context, const char *format,
                 va_list args)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct buf line = buf_make(&scratch, LINE_BYTES_MAX);

    buf_vaddf(&line, format, args);
    call(context, str_printable(&scratch, buf_str(&line)));
}

void listener_say(const struct listener *listener, const char *format, ...)
{
    va_list args;

    if (listener == NULL || listener->say == NULL) {
        return;
    }
    va_start(args, format);
    tell(listener->say, listener->context, format, args);
    va_end(args);
}

void listener_explain(const struct listener *listener, const char *format, ...)
{
    va_list args;

    if (listener == NULL || listener->explain == NULL) {
        return;
    }
    va_start(args, format);
    tell(listener->explain, listener->context, format, args);
    va_end(args);
}

void listener_phase(const struct listener *listener, enum run_phase phase, uint64_t total_bytes)
{
    if (listener != NULL && listener->phase != NULL) {
        listener->phase(listener->context, phase, total_bytes);
    }
}

void listener_progress(const struct listener *listener, uint64_t bytes)
{
    if (listener != NULL && listener->progress != NULL) {
        listener->progress(listener->context, bytes);
    }
}

struct str size_show(struct arena *arena, uint64_t size_bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double size = (double)size_bytes / 1024;
    size_t unit = 0;

    if (size_bytes < 1024) {
        return str_format(arena, "%" PRIu64 " B", size_bytes);
    }
    /* 1023.95 would be shown as 1024.0. */
    while (size >= 1023.95 && unit + 1 < ARRAY_COUNT(units)) {
        size /= 1024;
        unit++;
    }
    return str_format(arena, "%.1f %s", size, units[unit]);
}
