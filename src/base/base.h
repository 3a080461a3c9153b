/*
 * What every file may use: attributes, the bug trap and the two ways in which
 * the process ends early.
 *
 * A bug (a broken promise between two functions of this program) ends in
 * BUG(). Memory that cannot be had ends in memory_exhausted(). Everything else
 * that can go wrong is an error value (error.h) or a diagnostic (diag.h).
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE                         __attribute__((warn_unused_result))
#define NORETURN                         __attribute__((noreturn))
#define CLEANUP(function)                __attribute__((cleanup(function)))
#define PRINTF_LIKE(format_index, first) __attribute__((format(printf, format_index, first)))

#define ARRAY_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Ends the process with a message that names the line: for what only a mistake
 * in this program can bring about, never for input. */
#define BUG(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
NORETURN void bug_at(const char *file, int line, const char *format, ...) PRINTF_LIKE(3, 4);

/* Called by the allocators when memory is exhausted; does not return. The
 * handler, which the program sets once at its start, says so and ends the
 * process; it must not allocate. Without one the process aborts. */
NORETURN void memory_exhausted(void);
void memory_on_exhausted(void (*handler)(void));

/* Overwrites what is secret before its memory is given back: no compiler leaves
 * this out, as it may leave out a memset(3) that nobody reads after. */
void memory_wipe(void *bytes, size_t n);

#endif
