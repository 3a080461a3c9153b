#include "store/sum.h"

#include "base/arena.h"

void sum_begin(struct sum *sum)
{
    *sum = (struct sum){0};
    sha256_begin(&sum->sha);
}

void sum_add(struct sum *sum, uint64_t at, const void *bytes, size_t n)
{
    if (at > sum->size_bytes || sum->has_ended) {
        BUG("bytes at %ju of a sum of %ju", (uintmax_t)at, (uintmax_t)sum->size_bytes);
    }
    uint64_t known = sum->size_bytes - at;
    if (known >= n) {
        return;
    }
    const char *rest = (const char *)bytes + known;
    size_t count = n - (size_t)known;
    sha256_add(&sum->sha, rest, count);
    sum->crc32c = crc32c(sum->crc32c, rest, count);
    sum->size_bytes += count;
}

void sum_end(struct sum *sum)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    unsigned char digest[SHA256_BYTES];
    if (sum->has_ended) {
        return;
    }
    sha256_end(&sum->sha, digest);
    memcpy(sum->sha256, digest_hex(&scratch, digest, sizeof digest).s, sizeof sum->sha256);
    sum->has_ended = true;
}

bool sum_is(struct sum *sum, const struct transfer *transfer)
{
    sum_end(sum);
    return sum->size_bytes == transfer->size_bytes && sum->crc32c == transfer->crc32c &&
           str_is(transfer->sha256, sum->sha256);
}
