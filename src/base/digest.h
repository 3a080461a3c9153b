/*
 * Checksums: SHA-256 (FIPS 180-4) and CRC32C (RFC 3720, appendix B.4; the
 * Castagnoli polynomial, as Google Cloud Storage uses it).
 *
 *     struct sha256 sha; sha256_begin(&sha);
 *     sha256_add(&sha, bytes, n); sha256_end(&sha, digest);
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/base.h"
#include "base/str.h"

#define SHA256_BYTES 32
#define SHA256_HEX   64

/* Large and aligned enough for the library's state (checked in digest.c). */
struct sha256 {
    union {
        unsigned char opaque[128];
        uint64_t align;
    } state;
};

void sha256_begin(struct sha256 *sha);
void sha256_add(struct sha256 *sha, const void *bytes, size_t n);
void sha256_end(struct sha256 *sha, unsigned char digest[SHA256_BYTES]);

/* 64 lower-case digits in the arena. */
struct str sha256_hex(struct arena *arena, struct str bytes);
struct str digest_hex(struct arena *arena, const unsigned char *bytes, size_t n);
bool digest_is_sha256_hex(struct str text); /* 64 lower-case hexadecimal digits */

/* The checksum of what came before continued over n more bytes; start with 0. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t n);
/* The same without the processor's instruction: for machines that have none,
 * and for the test that compares both. */
uint32_t crc32c_by_table(uint32_t crc, const void *bytes, size_t n);

#endif
