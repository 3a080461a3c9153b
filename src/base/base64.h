/*
 * Base64 (RFC 4648): the standard alphabet with padding (section 4), and the one for
 * URLs and file names without (section 5), as JSON Web Tokens have it.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/base.h"
#include "base/str.h"

struct arena;

enum base64_alphabet { BASE64_STANDARD, BASE64_URL };

struct str base64_encode(struct arena *arena, enum base64_alphabet alphabet, struct str bytes);

/* Strict: characters of this alphabet alone, no white space, and no bits that stand for
 * nothing, so that each content has one text. Padding must be complete in the
 * standard alphabet; in the other one it may be there. False where the text is none. */
bool base64_decode(struct arena *arena, enum base64_alphabet alphabet, struct str text,
                   struct str *bytes) MUST_USE;

#endif
