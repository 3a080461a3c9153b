/* Any text as a template: what was read is what was written. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/error.h"
#include "manifest/document.h"
#include "manifest/template.h"

/* Names as their own values; `${vars.null}` is null. */
static int look_up(void *context, const struct part *part, struct arena *arena, struct str *value,
                   struct error *err)
{
    (void)context;
    (void)arena;
    (void)err;
    bool is_null = part->kind == PART_VAR && str_is(part->name, "null");
    *value = is_null ? (struct str){NULL, 0} : part->name.s != NULL ? part->name : STR("job");
    return 0;
}

/* A part as it was written. */
static void add_written(struct buf *written, const struct part *part)
{
    struct str text = part->text;

    if (part->kind != PART_TEXT) {
        buf_add(written, str_slice(part->span.source->text, part->span.start, part->span.length));
        return;
    }
    for (size_t i = 0; i < text.n; i++) {
        if (str_starts(str_after(text, i), STR("${"))) {
            buf_add_char(written, '$');
        }
        buf_add_char(written, text.s[i]);
    }
}

static void check_parts(struct arena *arena, const struct template *template, bool is_clean)
{
    struct buf written = buf_make(arena, BUF_MAX_DEFAULT);

    FUZZ_REQUIRE(template->count <= TEMPLATE_PARTS_MAX, "there are too many parts");
    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];
        if (part->kind == PART_TEXT) {
            FUZZ_REQUIRE(part->text.n > 0, "a part is empty");
            FUZZ_REQUIRE(i == 0 || part[-1].kind != PART_TEXT, "two texts are side by side");
        } else {
            fuzz_check_span(part->span);
        }
        add_written(&written, part);
    }
    FUZZ_REQUIRE(!is_clean || str_equal(buf_str(&written), template->node->text),
                 "the parts are not the text");
}

static void check_expanded(struct arena *arena, const struct template *template)
{
    struct scope scope = {.look_up = look_up};
    struct error err = {0};
    struct str text, alone;

    if (template_expand(template, &scope, arena, &text, &err) != 0) {
        FUZZ_REQUIRE(err.kind == ERROR_MANIFEST || err.kind == ERROR_LIMIT, "an error of no kind");
        return;
    }
    FUZZ_REQUIRE(text.n <= TEMPLATE_EXPANDED_MAX, "the text is too long");
    if (template_is_text(template, &alone)) {
        FUZZ_REQUIRE(str_equal(alone, text), "a text changes when it is expanded");
    }
}

static void check_script(struct str script)
{
    size_t at = 0;
    size_t length;

    while (template_find_in_script(script, at, &at, &length)) {
        FUZZ_REQUIRE(at < script.n && length > 0 && length <= script.n - at,
                     "a placeholder is outside of the script");
        at += length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct source *source = source_make(&arena, STR("a.yaml"), fuzz_text(&arena, data, size));
    const struct node scalar = {
        .kind = NODE_SCALAR, .span = span_make(source, 0, source->text.n), .text = source->text};
    const struct template *template = template_parse(&arena, &scalar, &diags);

    check_parts(&arena, template, diags.count == 0);
    check_expanded(&arena, template);
    check_script(source->text);
    fuzz_check_diags(&diags);
    return 0;
}
