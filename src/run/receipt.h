/*
 * The receipt: the one document that says "this job is done" and what it made.
 *
 * An in-toto Statement v1 (github.com/in-toto/attestation, spec/v1) whose
 * subjects are the published files and whose predicate is SLSA provenance v1
 * (slsa.dev/spec/v1.0/provenance); what SLSA has no field for is under
 * `predicate.jobrun_receipt`. It holds no secret and not the environment of the
 * command. A receipt that is read is hostile input until receipt_parse() took it.
 */
#ifndef RUN_RECEIPT_H
#define RUN_RECEIPT_H

#include "base/base.h"
#include "base/str.h"
#include "job/address.h"
#include "job/artifact.h"

struct arena;
struct error;

#define RECEIPT_VERSION      1
#define RECEIPT_BYTES_MAX    ((size_t)16 << 20)
#define RECEIPT_CONTENT_TYPE "application/json"

/* What an element of an input was when the job ran. */
struct receipt_input {
    struct str name;
    struct str label;   /* of the element; may be empty */
    struct str address; /* key of the producer's receipt, in the store; empty: local */
    struct str sha256;  /* of the receipt's bytes; of a local input: of its content */
    struct str local;   /* the path, for an input that was given by hand */
    bool absent;        /* an optional input that was not there */
};

struct receipt_param {
    struct str name;
    struct str value; /* as it stands in an address (value_address_text) */
    bool variant;
};

struct receipt {
    struct address address;
    struct str tool_version;
    struct str publish_id; /* random, one for each attempt */
    struct str manifest_path;
    struct str manifest_sha256;
    struct receipt_param *params; /* in the manifest's order */
    size_t param_count;
    struct str dirty;             /* the fingerprint; empty: a clean tree */
    struct receipt_input *inputs; /* in the order of the manifest, then of the elements */
    size_t input_count;
    struct artifact artifact;
    struct str *command; /* the argv of each step, shell-quoted on one line */
    size_t command_count;
    int64_t started_ms, finished_ms; /* since 1970, UTC */
    struct str host_platform, host_name, user;
    struct str ci_system, ci_run_url; /* empty where there is none */
    struct str repository;            /* the remote's address; may be empty */
    /* Of the same document beside what a failed run left (publish_failure): that is
     * no receipt, and receipt_parse() does not take it for one. */
    bool is_failure;
    int status;         /* of the command */
    struct str message; /* why it failed */
};

/* The document, pretty-printed with a line end. ERROR_LIMIT over RECEIPT_BYTES_MAX. */
int receipt_format(const struct receipt *receipt, struct arena *arena, struct str *text,
                   struct error *err) MUST_USE;

/* Checks everything that a reader relies on: version (a newer one says that a
 * newer jobrun wrote it), names, sizes, digests, content name equal to the one
 * that the entries give, subjects equal to the files. ERROR_DAMAGED, and ERROR_NOT_ALLOWED
 * for a newer version: nobody may take that for damage and replace it. */
int receipt_parse(struct str text, struct arena *arena, struct receipt *receipt,
                  struct error *err) MUST_USE;

/* Hexadecimal SHA-256 of the listing whose first digits are an artifact's
 * `content`; the entries are in the order of a sealed artifact. */
struct str receipt_listing_sha256(struct arena *arena, const struct entry *entries, size_t count);

/* Constants of the document, which receipt_format() writes and receipt_parse()
 * asks for. */
#define RECEIPT_STATEMENT_TYPE "https://in-toto.io/Statement/v1"
#define RECEIPT_PREDICATE_TYPE "https://slsa.dev/provenance/v1"
#define RECEIPT_BUILD_TYPE     "https://github.com/jobrun/jobrun/job/v1"
/* Two builders, for two levels of trust. */
#define RECEIPT_BUILDER_LOCAL "https://github.com/jobrun/jobrun/builder/local/v1"
#define RECEIPT_BUILDER_CI    "https://github.com/jobrun/jobrun/builder/ci/v1"

#endif
