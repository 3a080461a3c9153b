/*
 * A thread that sums a file up while it is written in any order: it reads behind
 * what is there without a gap, from the page cache, so that memory stays flat.
 *
 *     struct follower *follower;
 *     follower_begin(arena, fd, &follower, err);
 *     follower_reach(follower, n);           all bytes before n are written
 *     follower_end(&follower, &sum, err);    waits for the thread
 *
 * The descriptor must be readable, and stay open until the end.
 */
#ifndef STORE_FOLLOWER_H
#define STORE_FOLLOWER_H

#include "base/base.h"

struct arena;
struct error;
struct follower;
struct sum;

int follower_begin(struct arena *arena, int fd, struct follower **follower,
                   struct error *err) MUST_USE;
/* Never less than before. */
void follower_reach(struct follower *follower, uint64_t written);
/* The sum of all that was reached. */
int follower_end(struct follower **follower, struct sum *sum, struct error *err) MUST_USE;
/* Ends it at once; NULL is left alone. */
void follower_stop(struct follower **follower);

#endif
