#include "store/attempts.h"

#define FIRST_WAIT_MAX_MS UINT64_C(1000)

void attempts_begin(struct attempts *attempts, uint64_t now_ms)
{
    *attempts = (struct attempts){.since_ms = now_ms};
}

void attempts_progress(struct attempts *attempts, uint64_t now_ms)
{
    attempts_begin(attempts, now_ms);
}

static bool is_passing(int status)
{
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 ||
           status == 504;
}

/* Whether the same request may have another outcome, and does no harm when the one
 * before was carried out after all. */
static bool may_send_again(const struct attempt *attempt)
{
    switch (attempt->failure) {
    case ATTEMPT_ANSWERED:
        return attempt->is_idempotent && is_passing(attempt->status);
    case ATTEMPT_NOT_SENT:
        return true;
    case ATTEMPT_LOST:
        return attempt->is_idempotent;
    case ATTEMPT_TLS:
    case ATTEMPT_LOCAL:
        return false;
    }
    return false;
}

static uint64_t wait_ms(unsigned count, const struct attempt *attempt, uint32_t random)
{
    uint64_t most = FIRST_WAIT_MAX_MS;
    for (unsigned i = 0; i < count && most < ATTEMPTS_WAIT_MAX_MS; i++) {
        most *= 2;
    }
    if (most > ATTEMPTS_WAIT_MAX_MS) {
        most = ATTEMPTS_WAIT_MAX_MS;
    }
    uint64_t wait = (most * random) >> 32;
    uint64_t asked = attempt->retry_after_ms > 0 ? (uint64_t)attempt->retry_after_ms : 0;
    if (asked > ATTEMPTS_RETRY_AFTER_MAX_MS) {
        asked = ATTEMPTS_RETRY_AFTER_MAX_MS;
    }
    return wait > asked ? wait : asked;
}

struct attempt_decision attempts_judge(struct attempts *attempts, const struct attempt *attempt,
                                       uint64_t now_ms, uint64_t deadline_ms, uint32_t random)
{
    if (attempt->failure == ATTEMPT_ANSWERED && attempt->status == 401 && attempt->can_renew &&
        !attempts->renewed) {
        attempts->renewed = true;
        return (struct attempt_decision){.verdict = VERDICT_RENEW};
    }
    if (!may_send_again(attempt)) {
        return (struct attempt_decision){.verdict = VERDICT_DONE};
    }
    if (attempts->count == 0) {
        attempts->since_ms = now_ms;
    }
    uint64_t wait = wait_ms(attempts->count, attempt, random);
    attempts->count++;
    if (now_ms - attempts->since_ms + wait >= deadline_ms) {
        return (struct attempt_decision){.verdict = VERDICT_DONE};
    }
    return (struct attempt_decision){.verdict = VERDICT_AGAIN, .wait_ms = wait};
}
