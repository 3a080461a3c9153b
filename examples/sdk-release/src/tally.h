/* Counts the lines, words and bytes of a text that comes in pieces. */
#ifndef TALLY_H
#define TALLY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct tally {
    unsigned long lines, words, bytes;
    int in_word; /* the last piece ended inside of one */
};

/* Begin with a struct that is all zero. */
void tally_add(struct tally *tally, const char *text, size_t size);

#ifdef __cplusplus
}
#endif

#endif
