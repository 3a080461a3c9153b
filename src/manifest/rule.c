#include "manifest/rule.h"

const struct rule RULES[RULE_COUNT] = {
#define RULE(name, id, group, summary) [RULE_##name] = {id, group, summary},
#include "manifest/rule.def"
#undef RULE
};

const char *rule_id(enum rule_number rule)
{
    return RULES[rule].id;
}
