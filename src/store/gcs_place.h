/*
 * Where the objects of a gs:// store are: their names and the URLs of Google Cloud
 * Storage's JSON API. Pure.
 *
 * The object of a key is named <prefix>/<key>, as it is: a person finds it in the
 * console under the path that jobrun prints. In an URL a whole name is one
 * segment, with every byte but A-Z a-z 0-9 - . _ ~ as %XX.
 */
#ifndef STORE_GCS_PLACE_H
#define STORE_GCS_PLACE_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;

#define GCS_ENDPOINT       "https://storage.googleapis.com"
#define GCS_EMULATOR       "STORAGE_EMULATOR_HOST" /* the variable that official clients read */
#define GCS_NAME_BYTES_MAX 1024

struct gcs_place {
    struct str endpoint; /* GCS_ENDPOINT, or that of the emulator */
    struct str bucket;
    struct str prefix; /* without '/' at its ends; may be empty */
    bool is_emulator;
};

/* "gs://bucket" or "gs://bucket/prefix"; ERROR_USAGE for anything else. `emulator`
 * is the value of GCS_EMULATOR: "http://" is added where it has no scheme, a '/' or
 * "/storage/v1" at its end is dropped, and nothing at all means that there is none. */
int gcs_place_parse(struct arena *arena, struct str url, struct str emulator,
                    struct gcs_place *place, struct error *err) MUST_USE;

/* "gs://bucket/prefix/key"; with an empty key the store itself. */
struct str gcs_address(const struct gcs_place *place, struct arena *arena, struct str key);
/* The page that shows the object to whoever is logged in and may read it. */
struct str gcs_link(const struct gcs_place *place, struct arena *arena, struct str key);

/* The object's name. ERROR_LIMIT where it is too long, ERROR_USAGE where Google Cloud
 * Storage takes no such name; the message leaves it to the caller to name it. */
int gcs_name(const struct gcs_place *place, struct arena *arena, struct str key, struct str *name,
             struct error *err) MUST_USE;
/* The other way round; false for a name that no key has. */
bool gcs_key_of_name(const struct gcs_place *place, struct str name, struct str *key);

struct str gcs_bucket_url(const struct gcs_place *place, struct arena *arena);
struct str gcs_list_url(const struct gcs_place *place, struct arena *arena);
struct str gcs_upload_url(const struct gcs_place *place, struct arena *arena);
/* Of the object's metadata; with "?alt=media" behind it of its bytes. */
struct str gcs_object_url(const struct gcs_place *place, struct arena *arena, struct str name);

#endif
