/* Within combinations.h: what collecting choices and expanding texts share. */
#ifndef MANIFEST_COMBINATIONS_PARTS_H
#define MANIFEST_COMBINATIONS_PARTS_H

#include "manifest/combinations.h"

struct select;

enum visit { VISIT_NEW, VISIT_BUSY, VISIT_DONE };

/* A var's text under the present combination. */
struct combinations_var {
    enum visit visit;
    size_t serial;
    bool is_null;
    struct str text;
};

/* The entry of `with`, or NULL; a cell of a table has no such names. */
const struct with *combinations_entry(const struct combinations *c, struct str name);
/* The table with a column of that name, and the entry that it is by; or NULL. */
const struct select *combinations_table(const struct combinations *c, struct str name,
                                        const struct with **by);
/* NULL: it has one value. */
struct combinations_choice *combinations_choice_find(const struct combinations *c,
                                                     const struct param *param,
                                                     const struct with *with);
/* The value that was given; .s NULL: none. */
struct str combinations_given(const struct combinations *c, const struct param *param);

#endif
