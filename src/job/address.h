/*
 * The address of a job's outputs in a store, and the names of what lies there:
 *
 *     <environment>/<commit>/<job>[/<variant>]/receipt.json
 *     <environment>/<commit>/<job>[/<variant>]/<content>/<output>/<path>
 *     <environment>/<commit>/<job>[/<variant>]/effects/<step>-<digest>.json
 *
 * An address is made from names and values alone; it knows no store.
 */
#ifndef JOB_ADDRESS_H
#define JOB_ADDRESS_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct manifest;
struct value;

#define ADDRESS_RECEIPT           "receipt.json"
#define ADDRESS_EFFECTS           "effects" /* no variant: those have a '=' */
#define ADDRESS_VARIANT_BYTES_MAX 200       /* a longer variant becomes "sha256=<hex>" */

struct address {
    struct str environment;
    struct str commit; /* full object id */
    struct str job;
    struct str variant; /* empty: the job has no variant params */
};

/* The variant segment of these values: `values[i]` belongs to the manifest's
 * param i; params with `variant: false` are left out. Values that differ, as
 * domain_check_value() gives them, have segments that differ: names hold neither '=' nor
 * ',', values are encoded but for [A-Za-z0-9._-], and the one list that would look like
 * another, that of one empty text beside the empty list, is refused. */
struct str address_variant(struct arena *arena, const struct manifest *manifest,
                           const struct value *values);
/* The segment before it is shortened: what people are shown. */
struct str address_variant_long(struct arena *arena, const struct manifest *manifest,
                                const struct value *values);

struct str address_key(struct arena *arena, const struct address *address); /* no '/' behind */
struct str address_receipt_key(struct arena *arena, const struct address *address);
/* The address in a store as people know it: the store's URL, or its path, and the key. */
struct str address_url(struct arena *arena, struct str store_url, struct str key);
/* Key of a file: address, content, output, path. */
struct str address_file_key(struct arena *arena, const struct address *address, struct str content,
                            struct str output, struct str path);
/* Key of an effect's marker. */
struct str address_effect_key(struct arena *arena, const struct address *address, struct str step,
                              struct str digest);

#endif
