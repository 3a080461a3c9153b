/*
 * What is published at an address: its receipt, read and checked, and whether
 * the files that it lists are there.
 */
#ifndef RUN_STORED_H
#define RUN_STORED_H

#include "base/base.h"
#include "run/receipt.h"

struct arena;
struct error;
struct store;

struct stored {
    struct receipt receipt;
    struct str sha256;  /* of the receipt's bytes */
    struct str version; /* of the receipt object; set as soon as it was read */
};

/* ERROR_NOT_FOUND where there is no receipt, ERROR_DAMAGED for one that cannot
 * be used or is that of another address, else as store_read(). Messages name
 * the full address. */
int stored_read(struct arena *arena, struct store *store, const struct address *address,
                struct stored *stored, struct error *err) MUST_USE;

/* Whether every file of one output (.s NULL: of all) is there with the size and
 * the version of its entry: one listing. ERROR_DAMAGED names the first that is
 * not, and how many are not. */
int stored_check_files(struct arena *arena, struct store *store, const struct address *address,
                       const struct artifact *artifact, struct str output,
                       struct error *err) MUST_USE;

bool address_equal(const struct address *a, const struct address *b);

#endif
