/* The addresses of the files of inputs. */
#include "base/arena.h"
#include "job/plan_parts.h"

struct urls plan_urls(const struct planner *planner, const struct input *input)
{
    const struct plan *plan = planner->plan;
    struct urls urls = {0};
    size_t capacity = 0;
    bool is_open = false; /* some are not known, and are to be there in a run */

    for (size_t i = 0; i < plan->supply_count; i++) {
        const struct supply *supply = &plan->supplies[i];
        if (supply->input->input != input) {
            continue;
        }
        is_open |=
            supply->state == SUPPLY_UNKNOWN || (supply->state == SUPPLY_ABSENT && !input->optional);
        for (size_t j = 0; supply->urls && j < supply->entry_count; j++) {
            if (supply->urls[j].s) {
                *ARENA_PUSH(planner->arena, urls.items, urls.count, capacity) = supply->urls[j];
            }
        }
    }
    if (is_open) {
        *ARENA_PUSH(planner->arena, urls.items, urls.count, capacity) =
            str_format(planner->arena, "<addresses of input '%.*s'>", STR_ARG(input->name));
    }
    return urls;
}
