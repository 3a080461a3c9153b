#include "store/gcs_object.h"

#include "base/arena.h"
#include "base/base64.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "store/http.h"
#include "sys/host.h"

#define OBJECT_BYTES_MAX ((size_t)1 << 20)
#define CRC32C_BYTES     ((size_t)4)

/* --- checksums --- */

struct str gcs_crc32c_format(struct arena *arena, uint32_t crc)
{
    const char bytes[CRC32C_BYTES] = {(char)(crc >> 24), (char)(crc >> 16), (char)(crc >> 8),
                                      (char)crc};
    return base64_encode(arena, BASE64_STANDARD, (struct str){bytes, sizeof bytes});
}

bool gcs_crc32c_parse(struct str text, uint32_t *crc)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str bytes;
    if (text.n > 2 * CRC32C_BYTES || !base64_decode(&scratch, BASE64_STANDARD, text, &bytes) ||
        bytes.n != CRC32C_BYTES) {
        return false;
    }
    *crc = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        *crc = *crc << 8 | (unsigned char)bytes.s[i];
    }
    return true;
}

bool gcs_hash_crc32c(struct str header, uint32_t *crc)
{
    struct str rest = header;
    struct str part;
    bool more = true;
    while (more) {
        more = str_cut(rest, ',', &part, &rest);
        part = str_trim(part);
        if (str_starts(part, STR("crc32c="))) {
            return gcs_crc32c_parse(str_after(part, strlen("crc32c=")), crc);
        }
    }
    return false;
}

/* --- numbers --- */

/* A number as a text, as the API has them, or as one. */
static bool read_number(const struct json *value, uint64_t *number)
{
    struct str text;
    int64_t read;
    if (!(json_get_str(value, &text) ? str_to_int64(text, &read) : json_get_int(value, &read)) ||
        read < 0) {
        return false;
    }
    *number = (uint64_t)read;
    return true;
}

bool gcs_range_kept(struct str header, uint64_t *kept)
{
    int64_t last;
    *kept = 0;
    if (header.n == 0) {
        return true;
    }
    if (!str_starts(header, STR("bytes=0-")) ||
        !str_to_int64(str_after(header, strlen("bytes=0-")), &last) || last < 0 ||
        last == INT64_MAX) {
        return false;
    }
    *kept = (uint64_t)last + 1;
    return true;
}

bool gcs_content_range(struct str header, uint64_t from, uint64_t *total)
{
    struct str unit;
    struct str range;
    struct str first;
    struct str last;
    struct str size;
    int64_t begin;
    int64_t whole;
    if (!str_cut(header, ' ', &unit, &range) || !str_is(unit, "bytes") ||
        !str_cut(range, '/', &range, &size) || !str_cut(range, '-', &first, &last) ||
        !str_to_int64(first, &begin) || !str_to_int64(size, &whole) || begin < 0 || whole < 0 ||
        (uint64_t)begin != from) {
        return false;
    }
    *total = (uint64_t)whole;
    return true;
}

/* --- the Object resource --- */

int gcs_object_decode(const struct json *json, struct gcs_object *object, struct error *err)
{
    uint64_t generation;
    struct str crc;
    const struct json *metadata = json_member(json, "metadata");
    *object = (struct gcs_object){0};
    if (!json_get_str(json_member(json, "name"), &object->name) ||
        !json_get_str(json_member(json, "generation"), &object->generation) ||
        !read_number(json_member(json, "generation"), &generation) || generation == 0 ||
        !read_number(json_member(json, "size"), &object->size_bytes)) {
        return error_set(err, ERROR_DAMAGED, "the answer describes no object");
    }
    object->has_crc32c =
        json_get_str(json_member(json, "crc32c"), &crc) && gcs_crc32c_parse(crc, &object->crc32c);
    if (!json_get_str(json_member(metadata, GCS_SHA256), &object->sha256)) {
        object->sha256 = (struct str){0};
    }
    if (!json_get_str(json_member(metadata, GCS_ATTEMPT), &object->attempt)) {
        object->attempt = (struct str){0};
    }
    return 0;
}

int gcs_object_parse(struct arena *arena, struct str text, struct gcs_object *object,
                     struct error *err)
{
    struct json *json = NULL;
    if (json_parse(arena, text, OBJECT_BYTES_MAX, &json, err) != 0) {
        return error_prefix(err, "the answer describes no object");
    }
    return gcs_object_decode(json, object, err);
}

struct str gcs_upload_metadata_format(struct arena *arena,
                                      const struct gcs_upload_metadata *metadata)
{
    struct json *document = json_object(arena);
    struct json *custom = json_object(arena);
    if (metadata->name.s) {
        json_set_str(arena, document, "name", metadata->name);
    }
    json_set_str(arena, document, "contentType", metadata->content_type);
    json_set_str(arena, document, "cacheControl", metadata->cache_control);
    json_set_str(arena, document, "crc32c", gcs_crc32c_format(arena, metadata->crc32c));
    json_set_str(arena, custom, GCS_SHA256, metadata->sha256);
    json_set_str(arena, custom, GCS_ATTEMPT, metadata->attempt);
    json_set(arena, document, "metadata", custom);
    return json_format(arena, document, false);
}

/* --- the headers of a download --- */

static bool is_generation(struct str text)
{
    int64_t generation;
    return str_to_int64(text, &generation) && generation > 0;
}

struct gcs_media gcs_media_of(struct arena *arena, const struct http_answer *answer)
{
    struct gcs_media media = {.generation = http_header(answer, arena, "x-goog-generation")};
    if (!is_generation(media.generation)) {
        media.generation = (struct str){0};
    }
    media.has_crc32c = gcs_hash_crc32c(http_header(answer, arena, "x-goog-hash"), &media.crc32c);
    return media;
}

struct str gcs_uuid(struct arena *arena)
{
    unsigned char bytes[16];
    host_random(bytes, sizeof bytes);
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    struct str hex = digest_hex(arena, bytes, sizeof bytes);
    return str_format(arena, "%.8s-%.4s-%.4s-%.4s-%.12s", hex.s, hex.s + 8, hex.s + 12, hex.s + 16,
                      hex.s + 20);
}
