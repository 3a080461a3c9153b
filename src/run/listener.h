/*
 * What a run tells whoever started it, as it goes. The command line turns it
 * into lines, progress and annotations; tests record it.
 */
#ifndef RUN_LISTENER_H
#define RUN_LISTENER_H

#include "base/base.h"
#include "base/str.h"

enum run_phase { PHASE_CHECK, PHASE_FETCH, PHASE_RUN, PHASE_PUBLISH };

struct listener {
    /* One line for people, without a line end: "fetched 3 files, 8.1 MiB ...". */
    void (*say)(void *context, struct str line);
    /* The same, shown only with -v or --explain. */
    void (*explain)(void *context, struct str line);
    void (*phase)(void *context, enum run_phase phase, uint64_t total_bytes);
    void (*progress)(void *context, uint64_t bytes); /* more of this phase is done */
    void *context;
};

void listener_say(const struct listener *listener, const char *format, ...) PRINTF_LIKE(2, 3);
void listener_explain(const struct listener *listener, const char *format, ...) PRINTF_LIKE(2, 3);
void listener_phase(const struct listener *listener, enum run_phase phase, uint64_t total_bytes);
void listener_progress(const struct listener *listener, uint64_t bytes);

/* "8.1 MiB", "512 B". */
struct str size_show(struct arena *arena, uint64_t size_bytes);

#endif
