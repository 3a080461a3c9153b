/*
 * The one spelling of a decimal number, so that equal numbers are equal texts:
 * "1.50", "15e-1" and "1.5" all become "1.5".
 */
#ifndef MANIFEST_NUMBER_H
#define MANIFEST_NUMBER_H

#include "base/base.h"
#include "base/str.h"

struct arena;

/* False where the text is not a number as JSON writes them, or is not finite as
 * a double. The digits are kept exactly. */
bool number_canonical(struct arena *arena, struct str text, struct str *canonical);
/* The canonical spelling of what people write too: ".5", "00.5", "1.", "+1". */
bool number_meant(struct arena *arena, struct str text, struct str *canonical);
/* Whether it is written as a number, of whatever size. */
bool number_has_form(struct str text);

#endif
