#include "manifest/possible.h"

#include "base/arena.h"
#include "manifest/combinations.h"

struct possible possible_texts(struct possible_query *query, const struct template *template)
{
    struct combinations c =
        combinations_make(query->arena, query->manifest, query->input, &query->steps);
    struct possible possible = {0};
    size_t capacity = 0;
    struct str text;

    c.samples = query->samples;
    c.guard = query->guard;
    combinations_add_template(&c, template);
    c.wild = combinations_exceed(&c, query->max);
    do {
        if (query->steps > POSSIBLE_STEPS && !c.wild) {
            c.wild = true;
            possible.count = 0;
        }
        if (combinations_allow(&c, query->guard) && combinations_text(&c, template, &text)) {
            *ARENA_PUSH(query->arena, possible.texts, possible.count, capacity) =
                (struct possible_text){text, combinations_show(&c)};
        }
    } while (combinations_next(&c) && !c.wild);
    return possible;
}
