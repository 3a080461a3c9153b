/*
 * A bucket of Google Cloud Storage as a store: gs://bucket[/prefix], by the JSON
 * API. An object's version is its generation.
 *
 * Credentials and libcurl are looked for by the first call that needs them
 * (google_auth.h). STORAGE_EMULATOR_HOST is honoured as official clients do, and
 * the first call says so through the settings.
 *
 * Every write has a precondition, so that it can be sent again when its answer is
 * lost; custom metadata with a random id tell later whether what is there is the
 * write's own doing. A write without one (STORE_ALWAYS) reads the generation first.
 * Every object is declared with its CRC32C, which the server checks before the object
 * exists, and carries its SHA-256 as custom metadata.
 *
 * check_write() asks nothing: testIamPermissions looks at a bucket, and conditions on
 * an object's name, as those that keep environments apart, give it a wrong answer.
 *
 * Up to GCS_MULTIPART_BYTES_MAX a file is sent in one request; a larger one in a
 * session that goes on where it was cut off, within a run and, where the settings have
 * a state folder, in the next one (gcs_session.h). What is below the transfers' common
 * folder is listed first, and what is there is not sent; credentials that may not list
 * send all, and learn from the answer that it is there.
 *
 * From GCS_SLICED_BYTES_MIN on a file comes in slices, several at a time. Downloads
 * are pinned to the transfer's version, else to that of the first answer.
 */
#ifndef STORE_GCS_H
#define STORE_GCS_H

#include "store/store.h"

#define GCS_MULTIPART_BYTES_MAX ((uint64_t)8 << 20)
#define GCS_SLICED_BYTES_MIN    ((uint64_t)64 << 20)
#define GCS_SLICE_BYTES         ((uint64_t)32 << 20)
#define GCS_SLICES_MAX          8 /* of one file at a time */

/* Whether it begins with "gs://". */
bool gcs_store_is(struct str url);

int gcs_store_open(struct arena *arena, struct str url, enum store_mode mode,
                   const struct store_settings *settings, struct store **store,
                   struct error *err) MUST_USE;

#endif
