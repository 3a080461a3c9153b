/*
 * What a job published, or is about to: entries of its outputs, and the name
 * that their content gives them.
 */
#ifndef JOB_ARTIFACT_H
#define JOB_ARTIFACT_H

#include "base/base.h"
#include "base/pack.h"
#include "base/str.h"

struct arena;
struct error;

#define ARTIFACT_ENTRIES_MAX 1000000
#define ARTIFACT_CONTENT_HEX 16

enum entry_kind { ENTRY_FILE, ENTRY_LINK, ENTRY_FOLDER /* an empty one */ };

struct entry {
    enum entry_kind kind;
    struct str output;
    struct str path;     /* below the output's fixed prefix */
    unsigned mode;       /* of a file: permission bits, 0000 to 0777 */
    uint64_t size_bytes; /* of a file */
    struct str sha256;   /* of a file: 64 hexadecimal digits */
    uint32_t crc32c;     /* of a file */
    struct str target;   /* of a link */
    struct str version;  /* of a file: the store's generation or ETag; may be empty */
    /* Of a file that is an archive of a whole output, made by `pack`: the only entry
     * of the output, at artifact_packed_path(). */
    enum pack_format packed;
    uint64_t packed_count; /* files and links in it */
    uint64_t packed_bytes; /* of these files */
};

struct artifact {
    struct entry *entries; /* in the order of "<output>/<path>", bytewise */
    size_t count;
    struct str content; /* the name of the folder: ARTIFACT_CONTENT_HEX digits */
};

/* Sorts the entries and sets `content`: the first digits of SHA-256 over one
 * line an entry, "<output>/<path>" NUL "<mode>" NUL "<size>" NUL "<sha256>" LF,
 * where <mode> is four octal digits, `link` or `dir`, and a link has size 0 and
 * its target in the place of the digest, an empty folder size 0 and nothing. */
void artifact_seal(struct artifact *artifact, struct arena *arena);

/* Checks names that came from outside: a path that is plain and not reserved
 * (base/path.h says what that means), a link whose target is one and stays within its output, no
 * two entries with one path, none below another that is a file or link, valid
 * output names, at most ARTIFACT_ENTRIES_MAX entries. ERROR_DAMAGED. */
int artifact_check_names(const struct artifact *artifact, struct arena *arena,
                         struct error *err) MUST_USE;

/* Whether a link at `path` with this target stays below the root that `path` is
 * relative to, judged by the text alone. A ".." behind a name counts as leaving:
 * the name may be another link, and then the text does not tell where it goes. */
bool artifact_link_stays_inside(struct str path, struct str target);

/* "<output>.tar.zst": what an output that is packed is called in itself. */
struct str artifact_packed_path(struct arena *arena, struct str output, enum pack_format format);

/* The largest number there is where the sum does not fit. */
uint64_t artifact_size_bytes(const struct artifact *artifact, struct str output /* .s NULL: all */);

#endif
