/*
 * Publishing: the files first, create-only, then the receipt. At no point can a
 * reader see a receipt whose files are not all there.
 */
#ifndef RUN_PUBLISH_H
#define RUN_PUBLISH_H

#include "base/base.h"
#include "run/outputs.h"
#include "run/receipt.h"

struct error;
struct listener;
struct store;

struct published {
    bool was_there;        /* another run, or an earlier attempt, published the same content */
    bool kept_winner;      /* another run published different content first; theirs stays */
    struct receipt winner; /* where kept_winner */
    uint64_t sent_bytes;
};

/* Uploads the outputs' files and writes the receipt: create-only when
 * `replaces` is empty, else against the receipt with that version. A lost race
 * is success where the content is equal. Where it differs the winner's is kept:
 * ERROR_CONFLICT with `kept_winner`, a failure only for who insists on its own. */
int publish(struct arena *arena, const struct job *job, struct store *store,
            const struct receipt *receipt, const struct outputs *outputs, struct str replaces,
            const struct listener *listener, struct published *published,
            struct error *err) MUST_USE;

/* What a failed run left: the outputs' files below <address>/<folder>/, then the
 * document `failure.json` there, for which the receipt is marked as a failure. It
 * replaces nothing: `folder` is new ("failed/<time>-<id>"). */
int publish_failure(struct arena *arena, const struct job *job, struct store *store,
                    const struct receipt *receipt, const struct outputs *outputs, struct str folder,
                    const struct listener *listener, struct error *err) MUST_USE;

#endif
