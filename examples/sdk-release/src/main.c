/* The program: `tally < FILE` prints lines, words and bytes. */
#include <stdio.h>

#include "tally.h"

int main(void)
{
    struct tally tally = {0};
    char buffer[4096];
    size_t size;

    while ((size = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
        tally_add(&tally, buffer, size);
    }
    printf("%lu %lu %lu\n", tally.lines, tally.words, tally.bytes);
    return ferror(stdin) || fflush(stdout) != 0;
}
