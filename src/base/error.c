#include "base/error.h"

#include <errno.h>
#include <stdarg.h>

/* What did not fit ends in "...", and not in the middle of a character. */
static void mark_cut(char *text, size_t size)
{
    size_t end = size - 1 - 3;

    while (end > 0 && ((unsigned char)text[end] & 0xC0) == 0x80) {
        end--;
    }
    memcpy(text + end, "...", 4);
}

static void format_cut(char *text, size_t size, const char *format, va_list args)
{
    text[0] = '\0';
    int length = vsnprintf(text, size, format, args);
    if (length >= 0 && (size_t)length >= size) {
        mark_cut(text, size);
    }
}

static size_t add_cut(char *text, size_t size, size_t at, const char *more)
{
    size_t n = strlen(more);

    if (at + n >= size) {
        n = size - 1 - at;
        memcpy(text + at, more, n);
        text[size - 1] = '\0';
        mark_cut(text, size);
        return strlen(text);
    }
    memcpy(text + at, more, n + 1);
    return at + n;
}

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
    /* The arguments may point into *err. */
    char message[sizeof err->message];
    va_list args;

    va_start(args, format);
    format_cut(message, sizeof message, format, args);
    va_end(args);
    err->kind = kind;
    err->sys_errno = 0;
    err->signal_number = 0;
    err->help[0] = '\0';
    memcpy(err->message, message, strlen(message) + 1);
    return -1;
}

static enum error_kind kind_of_errno(int errnum)
{
    switch (errnum) {
    case ENOENT:
        return ERROR_NOT_FOUND;
    case EACCES:
    case EPERM:
    case EROFS:
        return ERROR_NOT_ALLOWED;
    case EEXIST:
        return ERROR_CONFLICT;
    default:
        return ERROR_FAILED;
    }
}

int error_errno(struct error *err, int errnum, const char *format, ...)
{
    char message[sizeof err->message];
    va_list args;

    va_start(args, format);
    format_cut(message, sizeof message, format, args);
    va_end(args);
    size_t at = add_cut(message, sizeof message, strlen(message), ": ");
    add_cut(message, sizeof message, at, strerror(errnum));
    err->kind = kind_of_errno(errnum);
    err->sys_errno = errnum;
    err->signal_number = 0;
    err->help[0] = '\0';
    memcpy(err->message, message, strlen(message) + 1);
    return -1;
}

int error_prefix(struct error *err, const char *format, ...)
{
    char message[sizeof err->message];
    va_list args;

    va_start(args, format);
    format_cut(message, sizeof message, format, args);
    va_end(args);
    size_t at = add_cut(message, sizeof message, strlen(message), ": ");
    add_cut(message, sizeof message, at, err->message);
    memcpy(err->message, message, strlen(message) + 1);
    return -1;
}

int error_help(struct error *err, const char *format, ...)
{
    char help[sizeof err->help];
    va_list args;

    va_start(args, format);
    format_cut(help, sizeof help, format, args);
    va_end(args);
    memcpy(err->help, help, strlen(help) + 1);
    return -1;
}
