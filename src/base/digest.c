/* SHA256_Init and its like are deprecated in favour of EVP. The first use of
 * EVP initialises the whole library and reads its configuration, which takes
 * longer than all else that a run that skips has to do. */
#define OPENSSL_API_COMPAT 0x10100000L

#include "base/digest.h"

#include "base/arena.h"

#include <openssl/sha.h>
#include <pthread.h>

#if defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

_Static_assert(sizeof(SHA256_CTX) <= sizeof(struct sha256), "struct sha256 is too small");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(struct sha256), "struct sha256 is not aligned");

static SHA256_CTX *context(struct sha256 *sha)
{
    return (SHA256_CTX *)(void *)&sha->state;
}

void sha256_begin(struct sha256 *sha)
{
    SHA256_Init(context(sha));
}

void sha256_add(struct sha256 *sha, const void *bytes, size_t n)
{
    if (n > 0) {
        SHA256_Update(context(sha), bytes, n);
    }
}

void sha256_end(struct sha256 *sha, unsigned char digest[SHA256_BYTES])
{
    SHA256_Final(digest, context(sha));
}

struct str sha256_hex(struct arena *arena, struct str bytes)
{
    unsigned char digest[SHA256_BYTES];
    struct sha256 sha;

    sha256_begin(&sha);
    sha256_add(&sha, bytes.s, bytes.n);
    sha256_end(&sha, digest);
    return digest_hex(arena, digest, sizeof digest);
}

struct str digest_hex(struct arena *arena, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    if (n > SIZE_MAX / 4) {
        memory_exhausted();
    }
    char *text = arena_alloc(arena, 2 * n + 1);
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    return (struct str){text, 2 * n};
}

bool digest_is_sha256_hex(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            return false;
        }
    }
    return text.n == SHA256_HEX;
}

/* The polynomial with its bits reversed, lowest first. */
#define CRC32C_POLYNOMIAL 0x82F63B78U

/* table[k][b]: the checksum of the byte b with k zero bytes behind it. */
static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void make_table(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (crc & 1 ? CRC32C_POLYNOMIAL : 0);
        }
        table[0][b] = crc;
    }
    for (uint32_t b = 0; b < 256; b++) {
        for (int k = 1; k < 8; k++) {
            uint32_t before = table[k - 1][b];
            table[k][b] = (before >> 8) ^ table[0][before & 0xFF];
        }
    }
}

uint32_t crc32c_by_table(uint32_t crc, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    pthread_once(&table_once, make_table);
    crc = ~crc;
    for (; n >= 8; p += 8, n -= 8) {
        uint32_t low = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                              (uint32_t)p[3] << 24);
        crc = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^
              table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^
              table[0][p[7]];
    }
    for (; n > 0; p++, n--) {
        crc = (crc >> 8) ^ table[0][(crc ^ *p) & 0xFF];
    }
    return ~crc;
}

#if defined(__x86_64__)

__attribute__((target("sse4.2"))) static uint32_t
crc32c_by_instruction(uint32_t crc, const unsigned char *p, size_t n)
{
    uint64_t sum = ~crc;

    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    for (; n > 0; p++, n--) {
        sum = __builtin_ia32_crc32qi((uint32_t)sum, *p);
    }
    return ~(uint32_t)sum;
}

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n)
{
    return __builtin_cpu_supports("sse4.2") ? crc32c_by_instruction(crc, bytes, n)
                                            : crc32c_by_table(crc, bytes, n);
}

#elif defined(__ARM_FEATURE_CRC32)

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n)
{
    const unsigned char *p = bytes;

    crc = ~crc;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t word;
        memcpy(&word, p, sizeof word);
        crc = __crc32cd(crc, word);
    }
    for (; n > 0; p++, n--) {
        crc = __crc32cb(crc, *p);
    }
    return ~crc;
}

#else

uint32_t crc32c(uint32_t crc, const void *bytes, size_t n)
{
    return crc32c_by_table(crc, bytes, n);
}

#endif
