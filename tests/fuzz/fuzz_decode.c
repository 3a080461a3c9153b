/* Any bytes as a manifest with its fragments: decoded, checked and asked. */
#include "fuzz.h"

#include "base/arena.h"
#include "manifest/footprint.h"
#include "manifest/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    struct fuzz_files files = fuzz_files_make(&arena, fuzz_text(&arena, data, size));
    const struct fragment_reader reader = fuzz_files_reader(&files);
    const struct source *source = files.sources[0];
    const struct manifest *manifest =
        manifest_parse(&arena, source, fuzz_stem(source), &reader, &diags);

    FUZZ_REQUIRE(manifest != NULL || diags.error_count > 0, "it is refused in silence");
    if (manifest != NULL) {
        FUZZ_REQUIRE(manifest->param_count <= MANIFEST_NAMES_MAX, "there are too many params");
        FUZZ_REQUIRE(manifest->var_count <= MANIFEST_NAMES_MAX, "there are too many vars");
        FUZZ_REQUIRE(manifest->input_count <= MANIFEST_NAMES_MAX, "there are too many inputs");
        FUZZ_REQUIRE(manifest->output_count <= MANIFEST_NAMES_MAX, "there are too many outputs");
        FUZZ_REQUIRE(manifest->step_count <= MANIFEST_NAMES_MAX, "there are too many steps");
        FUZZ_REQUIRE(diags.error_count > 0 || manifest->step_count > 0, "nothing is executed");
        footprint_of_outputs(manifest, &arena);
        footprint_of_inputs(manifest, &arena);
    }
    fuzz_check_diags(&diags);
    return 0;
}
