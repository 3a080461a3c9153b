#include "fuzz.h"

#include "base/arena.h"
#include "base/error.h"
#include "manifest/manifest.h"

struct str fuzz_text(struct arena *arena, const uint8_t *data, size_t size)
{
    char *copy = arena_array(arena, size, 1);

    if (size > 0) {
        memcpy(copy, data, size);
    }
    return (struct str){copy, size};
}

void fuzz_check_span(struct span span)
{
    if (span.source != NULL) {
        FUZZ_REQUIRE(span.start <= span.source->text.n, "a place is behind its text");
        FUZZ_REQUIRE(span.length <= span.source->text.n - span.start, "a place ends behind it");
    }
}

static void check_shown(struct arena *arena, struct str shown)
{
    struct str line;

    FUZZ_REQUIRE(str_utf8_invalid_at(shown) == shown.n, "a message is no UTF-8");
    while (str_cut(shown, '\n', &line, &shown)) {
        for (size_t i = 0; i < line.n; i++) {
            unsigned char c = (unsigned char)line.s[i];
            FUZZ_REQUIRE(c >= 0x20 && c != 0x7F, "a message has a control character");
        }
        FUZZ_REQUIRE(str_equal(str_printable(arena, line), line), "a message is not printable");
    }
    FUZZ_REQUIRE(line.n == 0, "a message does not end its line");
}

static void check_diag(struct arena *arena, const struct diag *diag)
{
    struct buf shown = buf_make(arena, BUF_MAX_DEFAULT);
    struct buf colored = buf_make(arena, BUF_MAX_DEFAULT);

    FUZZ_REQUIRE(diag->message.n > 0, "a message is empty");
    FUZZ_REQUIRE(str_index(diag->message, '\n') == diag->message.n, "a message has lines");
    FUZZ_REQUIRE(diag->label_count <= DIAG_DETAILS_MAX, "too many labels");
    FUZZ_REQUIRE(diag->note_count <= DIAG_DETAILS_MAX, "too many notes");
    FUZZ_REQUIRE(diag->help_count <= DIAG_DETAILS_MAX, "too many helps");
    fuzz_check_span(diag->span);
    for (size_t i = 0; i < diag->label_count; i++) {
        fuzz_check_span(diag->labels[i].span);
    }
    diag_format(&shown, diag, &(struct diag_style){0});
    check_shown(arena, buf_str(&shown));
    diag_format(&colored, diag, &(struct diag_style){.color = true});
    FUZZ_REQUIRE(!shown.truncated && !colored.truncated && colored.n > shown.n,
                 "colors take a part of the message");
}

void fuzz_check_diags(struct diags *diags)
{
    FUZZ_REQUIRE(diags->count <= DIAGS_MAX, "more problems are kept than allowed");
    diags_sort(diags);
    for (size_t i = 0; i < diags->count; i++) {
        struct arena scratch CLEANUP(arena_free) = {0};
        check_diag(&scratch, diags->items[i]);
    }
}

/* Where the next line "--- name" begins; text.n: nowhere. */
static size_t next_file(struct str text)
{
    size_t at = 0;

    while (at < text.n && !str_starts(str_after(text, at), STR("--- "))) {
        at += str_index(str_after(text, at), '\n') + 1;
    }
    return at < text.n ? at : text.n;
}

struct fuzz_files fuzz_files_make(struct arena *arena, struct str text)
{
    struct fuzz_files files = {.count = 0};
    struct str name = STR("a.yaml");

    while (files.count < FUZZ_FILES_MAX) {
        size_t end = next_file(text);
        struct str content = fuzz_text(arena, (const uint8_t *)text.s, end);
        files.sources[files.count++] = source_make(arena, name, content);
        text = str_after(text, end);
        if (text.n == 0) {
            break;
        }
        str_cut(str_after(text, strlen("--- ")), '\n', &name, &text);
    }
    return files;
}

struct str fuzz_stem(const struct source *source)
{
    struct str name = source->name;

    return str_ends(name, STR(".yaml")) ? str_slice(name, 0, name.n - strlen(".yaml")) : name;
}

static int read_file(void *context, struct str path, const struct source **source,
                     struct error *err)
{
    const struct fuzz_files *files = context;

    for (size_t i = 0; i < files->count; i++) {
        if (str_equal(files->sources[i]->name, path)) {
            *source = files->sources[i];
            return 0;
        }
    }
    return error_set(err, ERROR_NOT_FOUND, "there is no fragment '%.*s'", STR_ARG(path));
}

struct fragment_reader fuzz_files_reader(struct fuzz_files *files)
{
    return (struct fragment_reader){.read = read_file, .context = files};
}
