/*
 * The size, SHA-256 and CRC32C of bytes as they go by, each of them once and in order.
 *
 *     struct sum sum; sum_begin(&sum);
 *     sum_add(&sum, at, bytes, n);
 *     if (sum.size_bytes == transfer->size_bytes) sum_end(&sum);
 *     if (!sum_is(&sum, transfer)) ...
 */
#ifndef STORE_SUM_H
#define STORE_SUM_H

#include "base/base.h"
#include "base/digest.h"
#include "store/store.h"

struct sum {
    uint64_t size_bytes; /* how many went by */
    uint32_t crc32c;
    struct sha256 sha;
    bool has_ended;
    char sha256[SHA256_HEX + 1]; /* once it has ended */
};

void sum_begin(struct sum *sum);
/* The bytes are those from offset `at` on. What went by before is left out: bytes that
 * are sent or come again. A gap is a bug. */
void sum_add(struct sum *sum, uint64_t at, const void *bytes, size_t n);
/* No more bytes will be added; may be called again. */
void sum_end(struct sum *sum);
/* Whether these are the bytes of the transfer. Ends it. */
bool sum_is(struct sum *sum, const struct transfer *transfer);

#endif
