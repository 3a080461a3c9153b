/*
 * Times as Google's services write them, in milliseconds since 1970. Pure.
 */
#ifndef STORE_GOOGLE_TIME_H
#define STORE_GOOGLE_TIME_H

#include "base/base.h"
#include "base/str.h"

/* "2026-01-31T23:59:59Z" with any number of digits behind the seconds (RFC 3339),
 * and with an offset instead of Z. False for anything else. */
bool google_time_parse(struct str text, int64_t *time_ms);
/* "Sat, 31 Jan 2026 23:59:59 GMT": the header Date (RFC 9110, 5.6.7). */
bool google_time_parse_http(struct str text, int64_t *time_ms);

#endif
