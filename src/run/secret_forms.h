/* The forms in which the value of a secret may turn up in a job's output. */
#ifndef RUN_SECRET_FORMS_H
#define RUN_SECRET_FORMS_H

#include "base/base.h"
#include "base/str.h"

struct arena;

struct forms {
    struct arena *arena;
    struct str *items; /* some may be equal */
    size_t count, capacity;
};

/* Adds, of a value of at least MATCHER_TEXT_BYTES_MIN bytes:
 *
 *   - itself, also without the line ends at its end, and each of its lines
 *     without the blanks around it, where that is long enough to be looked for;
 *   - base64 with both alphabets, at each of the three places that it can have in
 *     a group of three bytes: what is the value's alone, and what it is at the
 *     end of the encoded text; of a long value also the lines of 64 and 76
 *     characters that it is broken into;
 *   - percent-encoded, with upper and lower hexadecimal digits, by the sets of
 *     characters that the common encoders leave alone;
 *   - as a JSON string holds it, and as a shell's words do;
 *   - as jobrun itself shows it, with its control characters escaped. */
void forms_add(struct forms *forms, struct str value);

/* The value without the line ends at its end, if what is left can be looked for. */
struct str forms_core(struct str value);

#endif
