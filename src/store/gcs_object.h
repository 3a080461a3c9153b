/*
 * What Google Cloud Storage says of an object: the Object resource of its JSON API,
 * and the headers of a download. Pure.
 *
 * What it says is not trusted to be well formed: a proxy may have answered. A
 * checksum is 4 bytes, the first the highest, in base64; 64-bit numbers are texts.
 */
#ifndef STORE_GCS_OBJECT_H
#define STORE_GCS_OBJECT_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;
struct http_answer;
struct json;

/* The members that jobrun asks for. */
#define GCS_OBJECT_FIELDS "name,generation,size,crc32c,metadata"

/* Custom metadata that jobrun gives every object. */
#define GCS_SHA256  "sha256"         /* of the bytes, in hexadecimal digits */
#define GCS_ATTEMPT "jobrun-attempt" /* the id of the write that made it */

struct gcs_object {
    struct str name;
    struct str generation;
    uint64_t size_bytes;
    uint32_t crc32c;
    bool has_crc32c;
    struct str sha256;  /* .s NULL: somebody else uploaded it */
    struct str attempt; /* likewise */
};

/* ERROR_DAMAGED where it is no Object with a name, a generation and a size. */
int gcs_object_decode(const struct json *json, struct gcs_object *object,
                      struct error *err) MUST_USE;
int gcs_object_parse(struct arena *arena, struct str text, struct gcs_object *object,
                     struct error *err) MUST_USE;

/* The document that an upload begins with. `name` .s NULL: it stands in the URL. */
struct gcs_upload_metadata {
    struct str name;
    struct str content_type, cache_control;
    struct str sha256, attempt;
    uint32_t crc32c;
};
struct str gcs_upload_metadata_format(struct arena *arena,
                                      const struct gcs_upload_metadata *metadata);

/* What the headers of a download say. */
struct gcs_media {
    struct str generation; /* .n 0: it is not one of Google Cloud Storage's answers */
    uint32_t crc32c;       /* of the whole object, whatever part was asked for */
    bool has_crc32c;
};
struct gcs_media gcs_media_of(struct arena *arena, const struct http_answer *answer);

struct str gcs_crc32c_format(struct arena *arena, uint32_t crc);
bool gcs_crc32c_parse(struct str text, uint32_t *crc);
/* Of "crc32c=...,md5=...", in any order. */
bool gcs_hash_crc32c(struct str header, uint32_t *crc);

/* How many bytes of an upload are kept, from the Range header of a 308: "bytes=0-N" is
 * N + 1, none is 0. False for anything else. */
bool gcs_range_kept(struct str header, uint64_t *kept);
/* The size of the whole object from "bytes A-B/TOTAL", where A is `from`. */
bool gcs_content_range(struct str header, uint64_t from, uint64_t *total);

/* A random id as RFC 9562 writes it: for x-goog-gcs-idempotency-token. */
struct str gcs_uuid(struct arena *arena);

#endif
