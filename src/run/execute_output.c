/* A step's output on its way, and what is said while it runs. */
#include "base/arena.h"
#include "run/execute_parts.h"
#include "run/listener.h"
#include "run/secrets.h"
#include "sys/fd.h"
#include "sys/signals.h"

#include <unistd.h>

/* What the masks hand on. */
static int show_stdout(void *context, struct str bytes, struct error *err)
{
    struct executor *executor = context;
    return pump_add(&executor->pump, PROCESS_STDOUT, bytes, err);
}

static int show_stderr(void *context, struct str bytes, struct error *err)
{
    struct executor *executor = context;
    return pump_add(&executor->pump, PROCESS_STDERR, bytes, err);
}

void execute_output_begin(struct executor *executor, int log_fd)
{
    struct arena *arena = executor->arena;
    const struct mask *mask = executor->secrets->mask;
    pump_begin(&executor->pump, arena, STDOUT_FILENO, STDERR_FILENO, log_fd, &executor->log_error);
    if (mask != NULL) {
        executor->masks = arena_array(arena, 2, sizeof *executor->masks);
        mask_begin(&executor->masks[PROCESS_STDOUT], arena, mask, show_stdout, executor);
        mask_begin(&executor->masks[PROCESS_STDERR], arena, mask, show_stderr, executor);
    }
}

static int on_output(void *context, enum process_stream stream, struct str bytes, struct error *err)
{
    struct executor *executor = context;
    struct mask_stream *mask = executor->masks != NULL ? &executor->masks[stream] : NULL;
    /* The command's own product, and not shown: if it is an output, it is searched as one.
     * Not the log's lenience either: half of an output is none. */
    if (stream == PROCESS_STDOUT && executor->stdout_fd >= 0 &&
        fd_write_all(executor->stdout_fd, bytes.s, bytes.n, executor->stdout_path.s, err) < 0) {
        return -1;
    }
    if (mask != NULL && bytes.n > 0) {
        return mask_add(mask, bytes, err);
    }
    if (mask != NULL && mask_end(mask, err) < 0) {
        return -1;
    }
    return pump_add(&executor->pump, stream, bytes, err);
}

static int on_idle(void *context, struct error *err)
{
    struct executor *executor = context;
    return pump_flush(&executor->pump, err);
}

/* What is said before this is said first. */
static void say_notes(struct executor *executor)
{
    for (size_t i = 0; i < executor->note_count; i++) {
        listener_say(executor->listener, "%.*s", STR_ARG(executor->notes[i]));
    }
    executor->note_count = 0;
}

static struct process_backlog on_backlog(void *context, enum process_stream stream)
{
    const struct executor *executor = context;
    struct process_backlog backlog = pump_backlog(&executor->pump, stream);
    if (stream == PROCESS_STDERR && executor->note_count > 0) {
        backlog.fd = STDERR_FILENO;
    }
    return backlog;
}

static int on_drain(void *context, enum process_stream stream, struct error *err)
{
    struct executor *executor = context;
    if (pump_drain(&executor->pump, stream, err) < 0) {
        return -1;
    }
    if (stream == PROCESS_STDERR && pump_is_ready(&executor->pump, PROCESS_STDERR)) {
        say_notes(executor);
    }
    return 0;
}

static void on_give_up(void *context)
{
    struct executor *executor = context;
    if (executor->note_count > 0 && !pump_is_ready(&executor->pump, PROCESS_STDERR)) {
        fd_replace_by_null(STDERR_FILENO);
    }
    pump_give_up(&executor->pump);
    say_notes(executor);
}

struct str execute_signal_name(struct arena *arena, int number)
{
    const char *name = signals_name(number);
    return name != NULL ? str_from(name) : str_format(arena, "%d", number);
}

static void on_signalled(void *context, int signal_number, const char *why)
{
    struct executor *executor = context;
    struct str name = execute_signal_name(executor->arena, signal_number);
    if (executor->note_count < EXECUTE_NOTES_MAX) {
        executor->notes[executor->note_count++] =
            str_format(executor->arena, "sending %.*s to the job: %s", STR_ARG(name), why);
    }
    if (pump_is_ready(&executor->pump, PROCESS_STDERR)) {
        say_notes(executor);
    }
}

void execute_output_calls(struct executor *executor, struct process_spec *spec)
{
    spec->output = on_output;
    spec->idle = on_idle;
    spec->backlog = on_backlog;
    spec->drain = on_drain;
    spec->give_up = on_give_up;
    spec->signalled = on_signalled;
    spec->context = executor;
}
