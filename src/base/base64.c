#include "base/base64.h"

#include "base/arena.h"

#define TEXT_MAX (SIZE_MAX / 4)

static const char *const ALPHABETS[] = {
    [BASE64_STANDARD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

/* 1 to 3 bytes as four characters, those that are not needed as '='. */
static void encode_group(const char *alphabet, const unsigned char *bytes, size_t n, char *text)
{
    uint32_t bits = (uint32_t)bytes[0] << 16;
    bits |= n > 1 ? (uint32_t)bytes[1] << 8 : 0;
    bits |= n > 2 ? (uint32_t)bytes[2] : 0;
    for (size_t i = 0; i < 4; i++) {
        text[i] = i <= n ? alphabet[bits >> (18 - 6 * i) & 63] : '=';
    }
}

struct str base64_encode(struct arena *arena, enum base64_alphabet alphabet, struct str bytes)
{
    size_t groups = bytes.n / 3 + (bytes.n % 3 != 0);
    size_t spare = (3 - bytes.n % 3) % 3;
    if (bytes.n > TEXT_MAX) {
        memory_exhausted();
    }
    char *text = arena_alloc(arena, groups * 4 + 1);
    for (size_t i = 0; i < groups; i++) {
        size_t left = bytes.n - 3 * i;
        encode_group(ALPHABETS[alphabet], (const unsigned char *)bytes.s + 3 * i,
                     left < 3 ? left : 3, text + 4 * i);
    }
    size_t n = groups * 4 - (alphabet == BASE64_URL ? spare : 0);
    text[n] = '\0';
    return (struct str){text, n};
}

/* 0 to 63, or -1. */
static int value_of(enum base64_alphabet alphabet, char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == ALPHABETS[alphabet][62] ? 62 : c == ALPHABETS[alphabet][63] ? 63 : -1;
}

/* The text without its padding; false where that is wrong. */
static bool cut_padding(enum base64_alphabet alphabet, struct str *text)
{
    size_t n = text->n;
    bool is_padded = n > 0 && text->s[n - 1] == '=';
    if (n % 4 != 0 && (alphabet == BASE64_STANDARD || is_padded)) {
        return false;
    }
    for (int i = 0; i < 2 && n > 0 && text->s[n - 1] == '='; i++) {
        n--;
    }
    text->n = n;
    return n % 4 != 1;
}

bool base64_decode(struct arena *arena, enum base64_alphabet alphabet, struct str text,
                   struct str *bytes)
{
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t n = 0;
    if (!cut_padding(alphabet, &text)) {
        return false;
    }
    char *decoded = arena_alloc(arena, text.n / 4 * 3 + 3);
    for (size_t i = 0; i < text.n; i++) {
        int value = value_of(alphabet, text.s[i]);
        if (value < 0) {
            return false;
        }
        bits = (bits << 6 | (uint32_t)value) & 0xFFF;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            decoded[n++] = (char)(bits >> bit_count & 0xFF);
        }
    }
    decoded[n] = '\0';
    *bytes = (struct str){decoded, n};
    return (bits & ((1U << bit_count) - 1)) == 0;
}
