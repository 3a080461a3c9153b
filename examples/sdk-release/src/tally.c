#include "tally.h"

static int is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void tally_add(struct tally *tally, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int in_word = !is_blank(text[i]);

        tally->lines += text[i] == '\n';
        tally->words += in_word && !tally->in_word;
        tally->in_word = in_word;
    }
    tally->bytes += size;
}
