/*
 * What is wrong with a text as YAML, in plain words: before libyaml reads it,
 * and where libyaml gave up. Only document.c uses this.
 */
#ifndef MANIFEST_DOCUMENT_TEXT_H
#define MANIFEST_DOCUMENT_TEXT_H

#include "base/base.h"
#include "base/diag.h"
#include "base/source.h"

/* Size, encoding, line ends, merge conflicts: false with one error where the
 * text cannot be read as YAML at all. */
bool document_text_check(const struct source *source, struct diags *diags);

/* libyaml's verdict as one error. The problem is at `offset`, what was being
 * read began at `context`; the texts are libyaml's. */
struct document_failure {
    const char *problem;
    size_t offset;
    const char *context; /* never NULL; may be empty */
    size_t context_offset;
};
void document_text_explain(const struct source *source, const struct document_failure *failure,
                           struct diags *diags);

#endif
