#include "base/status.h"

#include <limits.h>
#include <signal.h>

const struct status_row STATUS_TABLE[] = {
    {STATUS_OK, "success"},
    {STATUS_USAGE, "usage or params are wrong"},
    {STATUS_OUTPUTS, "the outputs are not as declared"},
    {STATUS_MANIFEST, "a manifest, or jobrun.yaml, is invalid"},
    {STATUS_NOT_ALLOWED, "not allowed here: machine, environment, secret or effect"},
    {STATUS_ABSENT, "an input is absent"},
    {STATUS_STORE, "store failure, conflict or damage"},
    {STATUS_TIMEOUT, "the job ran out of time"},
    {STATUS_INTERNAL, "internal error, or out of memory"},
    {STATUS_CANNOT_EXEC, "the command cannot be executed"},
    {STATUS_NOT_FOUND, "the command is not found"},
    {STATUS_SIGNAL_BASE, "plus its number: the command was killed by a signal"},
    {0, NULL},
};

/* The smaller, the worse. */
static int rank(enum status status)
{
    switch ((int)status) {
    case STATUS_USAGE:
        return 0;
    case STATUS_MANIFEST:
    case STATUS_NOT_ALLOWED:
    case STATUS_ABSENT:
    case STATUS_STORE:
        return 1 + (int)status - STATUS_MANIFEST;
    case STATUS_OK:
        return INT_MAX;
    default:
        return 10 + (int)status;
    }
}

enum status status_worse(enum status a, enum status b)
{
    return rank(b) < rank(a) ? b : a;
}

enum status status_of_error(const struct error *err)
{
    switch (err->kind) {
    case ERROR_NONE:
        return STATUS_OK;
    case ERROR_USAGE:
        return STATUS_USAGE;
    case ERROR_MANIFEST:
        return STATUS_MANIFEST;
    case ERROR_NOT_ALLOWED:
        return STATUS_NOT_ALLOWED;
    case ERROR_NOT_FOUND:
        return STATUS_ABSENT;
    case ERROR_CONFLICT:
    case ERROR_DAMAGED:
    case ERROR_UNREACHABLE:
    case ERROR_LIMIT:
        return STATUS_STORE;
    case ERROR_OUTPUTS:
        return STATUS_OUTPUTS;
    case ERROR_INTERRUPTED:
        return (enum status)(STATUS_SIGNAL_BASE +
                             (err->signal_number != 0 ? err->signal_number : SIGINT));
    case ERROR_FAILED:
    case ERROR_INTERNAL:
        break;
    }
    return STATUS_INTERNAL;
}
