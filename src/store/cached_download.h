/*
 * A download of a store that has a cache (store/cache.h): what the cache has comes
 * from there, the rest from the backend, and what the backend brought is put in.
 *
 * To the caller it is one download (store_download() in store.h): a file is opened
 * once, wherever its content comes from. What goes in waits until some files are
 * there, so that they are hashed by several threads and the network waits seldom.
 * Of a download that fails, what had arrived is kept all the same: another try
 * goes on there.
 */
#ifndef STORE_CACHED_DOWNLOAD_H
#define STORE_CACHED_DOWNLOAD_H

#include "store/store.h"

/* With so many damaged entries in one download a cache is not asked any more. */
#define CACHE_DAMAGED_MAX 8
/* So many files wait at most to be put in, each with its descriptor. */
#define CACHE_WAITING_MAX 16

int cached_download(struct store *store, struct transfer *transfers, size_t count,
                    const struct transfer_calls *calls, struct error *err) MUST_USE;

#endif
