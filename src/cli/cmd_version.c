/* `jobrun version` */
#include "base/arena.h"
#include "base/error.h"
#include "base/status.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/report.h"

#include <string.h>

int cmd_version(const char *const *arguments, size_t count)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct report report = {.arena = &arena};
    if (count > 0 && (strcmp(arguments[0], "--help") == 0 || strcmp(arguments[0], "-h") == 0)) {
        return command_help("version");
    }
    if (count > 0) {
        struct error err = {0};
        error_set(&err, ERROR_USAGE, "'version' takes no arguments, but is given '%s'",
                  arguments[0]);
        report_error(&report, &err);
        return STATUS_USAGE;
    }
    return report_data(&report, STR("jobrun " JOBRUN_VERSION "\n")) < 0 ? STATUS_INTERNAL
                                                                        : STATUS_OK;
}
