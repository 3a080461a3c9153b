/*
 * Whether a request is sent again, and when: one decision for all remote stores.
 *
 * Sent again are 408, 429, 500, 502, 503, 504 and every failure of the
 * connection, where the request may be (idempotent, or nothing of it can have
 * arrived); 401 once, with a new authorization. Between attempts lies a random
 * time up to min(32 s, 1 s * 2^n) ("full jitter"), or Retry-After where that is
 * longer (at most 60 s). It ends when the deadline (JOBRUN_STORE_TIMEOUT, in
 * seconds, or ATTEMPTS_DEADLINE_MS) has passed since the first failure without
 * progress in between, or will have before the wait is over.
 *
 * Pure but for the random number: time comes from the caller, in milliseconds of
 * a clock that does not go backwards.
 */
#ifndef STORE_ATTEMPTS_H
#define STORE_ATTEMPTS_H

#include "base/base.h"

#define ATTEMPTS_DEADLINE_MS        120000
#define ATTEMPTS_WAIT_MAX_MS        32000
#define ATTEMPTS_RETRY_AFTER_MAX_MS 60000
/* Below 1 KiB/s for so long is a failure; at most a third of the deadline. */
#define ATTEMPTS_STALL_MS 30000

/* One operation: an object read, an object uploaded, with all requests that it
 * takes. All zero has not begun; its first request begins it. */
struct attempts {
    unsigned count;    /* failed since the last progress */
    uint64_t since_ms; /* the last progress, or the first failure after it: a long request
                          that moves is no lack of progress */
    bool renewed;      /* the authorization, because of a 401, since the last progress */
};

/* What stood in the way of an answer. */
enum attempt_failure {
    ATTEMPT_ANSWERED, /* there is one */
    ATTEMPT_NOT_SENT, /* resolve, connect, refused: nothing arrived */
    ATTEMPT_LOST,     /* reset, truncated, stalled: something may have arrived */
    ATTEMPT_TLS,      /* certificate: never sent again */
    ATTEMPT_LOCAL     /* a file, a callback, a limit: never sent again */
};

struct attempt {
    enum attempt_failure failure;
    int status;             /* of ATTEMPT_ANSWERED */
    int64_t retry_after_ms; /* -1: none */
    bool is_idempotent;
    bool can_renew; /* another authorization can be had */
};

enum attempt_verdict {
    VERDICT_DONE, /* success, or an answer that stays */
    VERDICT_AGAIN,
    VERDICT_RENEW /* at once, with another authorization */
};

struct attempt_decision {
    enum attempt_verdict verdict;
    uint64_t wait_ms; /* of VERDICT_AGAIN */
};

void attempts_begin(struct attempts *attempts, uint64_t now_ms);
/* More is kept on the other side than before (an offset grew): counts start anew. */
void attempts_progress(struct attempts *attempts, uint64_t now_ms);
/* `random` is uniform in 0 ... UINT32_MAX. */
struct attempt_decision attempts_judge(struct attempts *attempts, const struct attempt *attempt,
                                       uint64_t now_ms, uint64_t deadline_ms, uint32_t random);

#endif
