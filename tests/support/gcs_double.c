/* What the double of Google Cloud Storage does too slowly in Python, for
 * tests/support/gcs/native.py: build/support/gcs_double.so. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/digest.h"

#define EXPORTED __attribute__((visibility("default")))
#define BLOCK    131072 /* stays in the cache between receiving, summing and writing */

EXPORTED uint32_t double_crc32c(uint32_t crc, const void *bytes, size_t n);
EXPORTED int64_t double_receive(int from, int to, int64_t offset, int64_t count, uint32_t *crc);

uint32_t double_crc32c(uint32_t crc, const void *bytes, size_t n)
{
    return crc32c(crc, bytes, n);
}

static bool write_all(int to, const char *bytes, size_t n, int64_t offset)
{
    while (n > 0) {
        ssize_t wrote = pwrite(to, bytes, n, offset);
        if (wrote < 0 && errno != EINTR) {
            return false;
        }
        if (wrote > 0) {
            bytes += wrote;
            n -= (size_t)wrote;
            offset += wrote;
        }
    }
    return true;
}

/* Up to `count` bytes of a socket to a file, and into the checksum. How many they
 * were: fewer where the connection has ended, -1 where they cannot be written. */
int64_t double_receive(int from, int to, int64_t offset, int64_t count, uint32_t *crc)
{
    char block[BLOCK];
    int64_t done = 0;
    while (done < count) {
        size_t wanted = count - done < BLOCK ? (size_t)(count - done) : BLOCK;
        ssize_t got = recv(from, block, wanted, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            break;
        }
        *crc = crc32c(*crc, block, (size_t)got);
        if (!write_all(to, block, (size_t)got, offset + done)) {
            return -1;
        }
        done += got;
    }
    return done;
}
