/*
 * The metadata server: what gives a machine of Google's cloud, and what runs on it, the
 * tokens of the service account that is attached. It is asked over plain http, since it
 * is on the machine's own link, and never through a proxy.
 *
 * GCE_METADATA_HOST (host or host:port; GCE_METADATA_ROOT is its older name) says that
 * there is one, and where. Else the address 169.254.169.254 (GCE_METADATA_IP) is asked:
 * at most a second, three where the firmware says that the machine is Google's.
 */
#ifndef STORE_GOOGLE_METADATA_H
#define STORE_GOOGLE_METADATA_H

#include "base/base.h"

struct arena;
struct google_credential;
struct error;

/* *found false: there is none, or whatever answers is another server. Fails for a signal
 * and a libcurl that cannot be used alone. */
int google_metadata_find(struct arena *arena, struct google_credential *credential, bool *found,
                         struct error *err) MUST_USE;

#endif
