#include "manifest/rule.h"

const struct rule RULES[RULE_COUNT] = {
#define RULE(name, id, group, severity, summary, explanation, bad, good) \
    [RULE_##name] = {id, group, SEVERITY_##severity, summary, explanation, bad, good},
#include "manifest/rule.def"
#undef RULE
};

const char *rule_id(enum rule_number rule)
{
    return RULES[rule].id;
}

const struct rule *rule_find(struct str id)
{
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (str_is(id, RULES[i].id)) {
            return &RULES[i];
        }
    }
    return NULL;
}
