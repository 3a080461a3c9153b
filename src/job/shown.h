/* Text of a user's as a message shows it. */
#ifndef JOB_SHOWN_H
#define JOB_SHOWN_H

#include "base/base.h"
#include "base/str.h"

struct arena;

#define SHOWN_BYTES_MAX 200

/* The text itself, or the beginning of a long one and "...". */
struct str shown_text(struct arena *arena, struct str text);

/* The first line of a help text, without blanks around it. */
struct str shown_first_line(struct str text);

#endif
