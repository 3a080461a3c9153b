#include "cli/show_rule.h"

#include "manifest/rule.h"

#define COLOR_HEAD "1"

static void add_colored(struct buf *buf, const char *text, const char *sgr, bool color)
{
    if (color) {
        buf_addf(buf, "\x1b[%sm%s\x1b[0m", sgr, text);
    } else {
        buf_addf(buf, "%s", text);
    }
}

static const char *severity_name(const struct rule *rule)
{
    return rule->severity == SEVERITY_ERROR ? "error" : "warning";
}

static void add_example(struct buf *buf, const char *head, const char *text, bool color)
{
    struct str line, rest = str_from(text);

    buf_add_char(buf, '\n');
    add_colored(buf, head, COLOR_HEAD, color);
    buf_addf(buf, "\n\n");
    while (str_cut(rest, '\n', &line, &rest)) {
        buf_addf(buf, "%s%.*s\n", line.n > 0 ? "    " : "", STR_ARG(line));
    }
}

void show_rule(struct buf *buf, const struct rule *rule, bool color)
{
    add_colored(buf, severity_name(rule), rule->severity == SEVERITY_ERROR ? "1;31" : "1;33",
                color);
    buf_addf(buf, "[%s]: ", rule->id);
    add_colored(buf, rule->summary, COLOR_HEAD, color);
    buf_addf(buf, "\ngroup: %s\n\n%s", rule->group, rule->explanation);
    add_example(buf, "bad example:", rule->bad, color);
    add_example(buf, "good example:", rule->good, color);
}

static int widest_id(void)
{
    size_t widest = 0;

    for (size_t i = 0; i < RULE_COUNT; i++) {
        size_t width = strlen(RULES[i].id);
        widest = width > widest ? width : widest;
    }
    return (int)widest;
}

void show_rules(struct buf *buf, bool color)
{
    const char *group = NULL;
    int width = widest_id();

    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = &RULES[i];

        if (group == NULL || strcmp(group, rule->group) != 0) {
            buf_addf(buf, "%s", group != NULL ? "\n" : "");
            add_colored(buf, rule->group, COLOR_HEAD, color);
            buf_add_char(buf, '\n');
            group = rule->group;
        }
        buf_addf(buf, "  %-*s  %-7s  %s\n", width, rule->id, severity_name(rule), rule->summary);
    }
}
