/* Any bytes as a folder of manifests and fragments, all of them checked. */
#include "fuzz.h"

#include "base/arena.h"
#include "manifest/document.h"
#include "manifest/footprint.h"
#include "manifest/graph.h"
#include "manifest/manifest.h"

/* As in a folder: what has a top-level `job` is a manifest, all else a fragment. */
static bool is_manifest(const struct source *source)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct diags unheard = diags_make(&scratch);
    const struct node *root = document_parse(&scratch, source, &unheard);

    return root == NULL || node_find(root, "job") != NULL;
}

static const struct str TAKEN = {"lint", 4};

/* What is asked of several manifests. */
static void check_together(struct arena *arena, const struct manifest *const *manifests,
                           size_t count, struct diags *diags)
{
    struct graph graph = graph_make(arena, NULL);
    const struct graph_options options = {.taken = &TAKEN, .taken_count = 1};

    for (size_t i = 0; i < count; i++) {
        struct footprint outputs = footprint_of_outputs(manifests[i], arena);
        for (size_t j = 0; j < count; j++) {
            footprint_covers(&outputs, manifests[j]->source->name);
        }
        graph_add(&graph, manifests[i], STR("/"));
    }
    graph_check(&graph, &options, diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    struct fuzz_files files = fuzz_files_make(&arena, fuzz_text(&arena, data, size));
    const struct fragment_reader reader = fuzz_files_reader(&files);
    const struct manifest *manifests[FUZZ_FILES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < files.count; i++) {
        const struct source *source = files.sources[i];
        if (!is_manifest(source)) {
            continue;
        }
        manifests[count] = manifest_parse(&arena, source, fuzz_stem(source), &reader, &diags);
        FUZZ_REQUIRE(manifests[count] != NULL || diags.error_count > 0, "it is refused in silence");
        count += manifests[count] != NULL;
    }
    check_together(&arena, manifests, count, &diags);
    fuzz_check_diags(&diags);
    return 0;
}
