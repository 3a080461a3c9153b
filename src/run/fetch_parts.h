/*
 * What the files of fetch_land() share: fetch_land.c says what lands where,
 * fetch_bring.c brings it beside its place, fetch_unpack.c opens archives.
 */
#ifndef RUN_FETCH_PARTS_H
#define RUN_FETCH_PARTS_H

#include "base/base.h"
#include "job/plan.h"
#include "run/arrival.h"
#include "run/last_folder.h"

struct arena;
struct context;
struct error;
struct listener;
struct stores;

/* An archive that was brought into jobrun's own folder. */
struct archive {
    const struct arrival *arrival;
    struct artifact contents;
    struct arrival **arrivals; /* of each entry; NULL: it is in place already */
};

struct fetching {
    struct arena *arena;
    const struct plan *plan;
    const struct context *context;
    int root;
    struct stores *stores;
    const struct listener *listener;

    struct landing *landings; /* the plan's, without archives, then what is in them */
    size_t landing_count;
    size_t plain_count;       /* the first of them, which are no archive's */
    struct arrival *arrivals; /* those of the landings that are not in place; by folder */
    size_t count;
    struct arrival *archive_arrivals; /* as `archives` */
    struct archive *archives;
    size_t archive_count;

    struct last_folder folder;
    size_t cached_count; /* files that came from the local cache */
    struct str *made;    /* folders that were not there, each after the one that it lies in */
    size_t made_count, made_capacity;
};

/* --- fetch_places.c --- */

/* What fetch_check_places() cannot ask of what is in an archive: whether one of the
 * plan's landings lies in a repository of its own. ERROR_NOT_ALLOWED. */
int fetch_check_repositories(struct arena *arena, const struct plan *plan,
                             struct error *err) MUST_USE;

/* --- fetch_bring.c --- */

/* Brings files of a store or of this machine, archives too, under temporary
 * names: beside their places, archives into jobrun's own folder. */
int fetch_bring(struct fetching *fetching, struct arrival *arrivals, size_t count,
                struct error *err) MUST_USE;
/* Links and folders, in the same way, and the folder of an empty archive. */
int fetch_make(struct fetching *fetching, struct error *err) MUST_USE;
/* A temporary file for a landing. */
int fetch_temp(struct fetching *fetching, struct arrival *arrival, int *folder, int *fd,
               const char **name, struct error *err) MUST_USE;
int fetch_set_mode(int fd, const struct arrival *arrival, struct error *err) MUST_USE;
void fetch_remove_temps(struct fetching *fetching, struct arrival *arrivals, size_t count);
/* The folders that were made and that nobody has put anything into. */
void fetch_remove_folders(struct fetching *fetching);

/* --- fetch_unpack.c --- */

/* Reads what is in the archives and adds it to the landings. */
int fetch_list_archives(struct fetching *fetching, struct error *err) MUST_USE;
/* Unpacks what is not in place beside its place. */
int fetch_unpack(struct fetching *fetching, struct error *err) MUST_USE;

#endif
