/* CRC32C of base/digest.h for tests/support/gcs/checksums.py: the one function of
 * build/support/crc32c.so. */
#include "base/digest.h"

__attribute__((visibility("default"))) uint32_t double_crc32c(uint32_t crc, const void *bytes,
                                                              size_t n);

uint32_t double_crc32c(uint32_t crc, const void *bytes, size_t n)
{
    return crc32c(crc, bytes, n);
}
