#include "job/artifact.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/path.h"
#include "manifest/manifest.h"

#define SHOWN_BYTES 300 /* of a path in a message */

/* The order of "<output>/<path>". An output's name holds no '/', so two that
 * differ do so at the '/' behind the shorter one at the latest. */
static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    size_t shorter = x->output.n < y->output.n ? x->output.n : y->output.n;
    int order = str_compare(str_slice(x->output, 0, shorter), str_slice(y->output, 0, shorter));

    if (order != 0) {
        return order;
    }
    if (x->output.n == y->output.n) {
        return str_compare(x->path, y->path);
    }
    return x->output.n == shorter ? '/' - (unsigned char)y->output.s[shorter]
                                  : (unsigned char)x->output.s[shorter] - '/';
}

static void add_field(struct sha256 *sha, struct str text, char end)
{
    sha256_add(sha, text.s, text.n);
    sha256_add(sha, &end, 1);
}

static void add_line(struct sha256 *sha, const struct entry *entry)
{
    char mode[8] = "link";
    char size[24] = "0";
    struct str last = entry->target;

    if (entry->kind == ENTRY_FILE) {
        snprintf(mode, sizeof mode, "%04o", entry->mode & 0777U);
        snprintf(size, sizeof size, "%llu", (unsigned long long)entry->size_bytes);
        last = entry->sha256;
    } else if (entry->kind == ENTRY_FOLDER) {
        snprintf(mode, sizeof mode, "dir");
        last = STR("");
    }
    add_field(sha, entry->output, '/');
    add_field(sha, entry->path, '\0');
    add_field(sha, str_from(mode), '\0');
    add_field(sha, str_from(size), '\0');
    add_field(sha, last, '\n');
}

void artifact_seal(struct artifact *artifact, struct arena *arena)
{
    unsigned char digest[SHA256_BYTES];
    struct sha256 sha;

    if (artifact->count > 1) {
        qsort(artifact->entries, artifact->count, sizeof *artifact->entries, compare_entries);
    }
    sha256_begin(&sha);
    for (size_t i = 0; i < artifact->count; i++) {
        add_line(&sha, &artifact->entries[i]);
    }
    sha256_end(&sha, digest);
    artifact->content = digest_hex(arena, digest, ARTIFACT_CONTENT_HEX / 2);
}

bool artifact_link_stays_inside(struct str path, struct str target)
{
    size_t depth = 0; /* of the folder that the link lies in, below the root */
    bool named = false;
    bool more = true;
    struct str segment;

    if (target.n == 0 || target.s[0] == '/') {
        return false;
    }
    for (size_t i = 0; i < path.n; i++) {
        depth += path.s[i] == '/';
    }
    while (more) {
        more = str_cut(target, '/', &segment, &target);
        if (segment.n == 0 || str_is(segment, ".")) {
            continue;
        }
        if (!str_is(segment, "..")) {
            named = true;
        } else if (named || depth == 0) {
            return false;
        } else {
            depth--;
        }
    }
    return true;
}

static const char *target_problem(const struct entry *entry)
{
    for (size_t i = 0; i < entry->target.n; i++) {
        unsigned char byte = (unsigned char)entry->target.s[i];
        if (byte < 0x20 || byte == 0x7F || byte == '\\') {
            return "a backslash or control character is in its target";
        }
    }
    if (entry->target.n > PATH_BYTES_MAX) {
        return "its target is too long";
    }
    return artifact_link_stays_inside(entry->path, entry->target) ? NULL
                                                                  : "its target leaves the output";
}

/* Room for what is wrong with a name must be left in the message. */
static struct str show(struct arena *arena, const struct entry *entry)
{
    struct str path = str_slice(entry->path, 0, SHOWN_BYTES);

    return str_printable(arena, str_format(arena, "%.*s/%.*s%s", STR_ARG(entry->output),
                                           STR_ARG(path), path.n < entry->path.n ? "..." : ""));
}

static int check_entry(const struct entry *entry, struct arena *arena, struct error *err)
{
    const char *problem;

    if (!name_is_job(entry->output)) {
        return error_set(err, ERROR_DAMAGED, "'%.*s' is not the name of an output",
                         STR_ARG(str_printable(arena, str_slice(entry->output, 0, 200))));
    }
    problem = path_problem(entry->path);
    if (!problem && path_is_reserved(entry->path)) {
        problem = "leads into '.git' or '.jobrun', where nothing may land";
    }
    if (problem) {
        return error_set(err, ERROR_DAMAGED, "path '%.*s' %s", STR_ARG(show(arena, entry)),
                         problem);
    }
    problem = entry->kind == ENTRY_LINK ? target_problem(entry) : NULL;
    if (problem) {
        return error_set(err, ERROR_DAMAGED, "link '%.*s' cannot be used: %s",
                         STR_ARG(show(arena, entry)), problem);
    }
    return 0;
}

/* What lies in a folder comes directly behind it. */
static int compare_as_trees(const void *a, const void *b)
{
    const struct entry *x = *(const struct entry *const *)a;
    const struct entry *y = *(const struct entry *const *)b;
    int order = str_compare(x->output, y->output);

    return order != 0 ? order : path_compare(x->path, y->path);
}

static int check_sorted(const struct entry *const *sorted, size_t count, struct arena *arena,
                        struct error *err)
{
    const struct entry *leaf = NULL; /* the last file or link */

    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = sorted[i];
        if (i > 0 && compare_as_trees(&sorted[i - 1], &sorted[i]) == 0) {
            return error_set(err, ERROR_DAMAGED, "two entries have the path '%.*s'",
                             STR_ARG(show(arena, entry)));
        }
        if (leaf && str_equal(leaf->output, entry->output) &&
            path_is_below(entry->path, leaf->path)) {
            return error_set(err, ERROR_DAMAGED, "path '%.*s' lies below '%.*s', which is a %s",
                             STR_ARG(show(arena, entry)), STR_ARG(show(arena, leaf)),
                             leaf->kind == ENTRY_LINK ? "link" : "file");
        }
        if (entry->kind != ENTRY_FOLDER) {
            leaf = entry;
        }
    }
    return 0;
}

int artifact_check_names(const struct artifact *artifact, struct arena *arena, struct error *err)
{
    if (artifact->count > ARTIFACT_ENTRIES_MAX) {
        return error_set(err, ERROR_DAMAGED, "%zu entries are more than the %d that there may be",
                         artifact->count, ARTIFACT_ENTRIES_MAX);
    }
    const struct entry **sorted = arena_array(arena, artifact->count, sizeof *sorted);
    for (size_t i = 0; i < artifact->count; i++) {
        if (check_entry(&artifact->entries[i], arena, err) < 0) {
            return -1;
        }
        sorted[i] = &artifact->entries[i];
    }
    if (artifact->count > 1) {
        qsort(sorted, artifact->count, sizeof *sorted, compare_as_trees);
    }
    return check_sorted(sorted, artifact->count, arena, err);
}

struct str artifact_packed_path(struct arena *arena, struct str output, enum pack_format format)
{
    return str_format(arena, "%.*s.%s", STR_ARG(output), pack_name(format));
}

uint64_t artifact_size_bytes(const struct artifact *artifact, struct str output)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < artifact->count; i++) {
        const struct entry *entry = &artifact->entries[i];
        if (entry->kind != ENTRY_FILE || (output.s && !str_equal(entry->output, output))) {
            continue;
        }
        if (entry->size_bytes > UINT64_MAX - sum) {
            return UINT64_MAX;
        }
        sum += entry->size_bytes;
    }
    return sum;
}
