#include "run/receipt.h"

#include "base/arena.h"
#include "base/digest.h"

#include <inttypes.h>

/* The text that stands for the mode, then size, then digest or target. */
static void add_details(struct buf *line, const struct entry *entry)
{
    switch (entry->kind) {
    case ENTRY_FILE:
        buf_addf(line, "%04o", entry->mode);
        buf_add_char(line, '\0');
        buf_addf(line, "%" PRIu64, entry->size_bytes);
        buf_add_char(line, '\0');
        buf_add(line, entry->sha256);
        break;
    case ENTRY_LINK:
        buf_add(line, STR("link\0"
                          "0\0"));
        buf_add(line, entry->target);
        break;
    case ENTRY_FOLDER:
        buf_add(line, STR("dir\0"
                          "0\0"));
        break;
    }
}

struct str receipt_listing_sha256(struct arena *arena, const struct entry *entries, size_t count)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct buf line = buf_make(&scratch, BUF_MAX_DEFAULT);
    unsigned char digest[SHA256_BYTES];
    struct sha256 sha;

    sha256_begin(&sha);
    for (size_t i = 0; i < count; i++) {
        line.n = 0;
        buf_addf(&line, "%.*s/%.*s", STR_ARG(entries[i].output), STR_ARG(entries[i].path));
        buf_add_char(&line, '\0');
        add_details(&line, &entries[i]);
        buf_add_char(&line, '\n');
        sha256_add(&sha, line.bytes, line.n);
    }
    sha256_end(&sha, digest);
    return digest_hex(arena, digest, sizeof digest);
}
