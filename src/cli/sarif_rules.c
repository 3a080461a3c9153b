/* The rules as SARIF describes them. */
#include "base/arena.h"
#include "base/json.h"
#include "cli/findings.h"

static struct str text_or(const char *text, const char *other)
{
    return str_trim(str_from(text[0] != '\0' ? text : other));
}

static void add_example(struct buf *buf, const char *title, const char *example, bool markdown)
{
    struct str rest = str_trim(str_from(example));
    if (rest.n == 0) {
        return;
    }
    if (markdown) {
        buf_addf(buf, "\n\n**%s**\n\n```yaml\n%.*s\n```", title, STR_ARG(rest));
        return;
    }
    buf_addf(buf, "\n\n%s:\n", title);
    while (rest.n > 0) {
        struct str line;
        str_cut(rest, '\n', &line, &rest);
        buf_addf(buf, "\n%s%.*s", line.n > 0 ? "    " : "", STR_ARG(line));
    }
}

static struct str help_of(struct arena *arena, const struct rule *rule, bool markdown)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    buf_add(&buf, text_or(rule->explanation, rule->summary));
    add_example(&buf, "Bad", rule->bad, markdown);
    add_example(&buf, "Good", rule->good, markdown);
    return buf_str(&buf);
}

static struct json *help_json(struct arena *arena, const struct rule *rule)
{
    struct json *object = sarif_message(arena, help_of(arena, rule, false));
    json_set_str(arena, object, "markdown", help_of(arena, rule, true));
    return object;
}

static struct json *rule_json(struct arena *arena, const struct rule *rule)
{
    struct json *configuration = json_object(arena);
    json_set_str(arena, configuration, "level",
                 rule->severity == SEVERITY_ERROR ? STR("error") : STR("warning"));
    struct json *tags = json_array(arena);
    json_push(arena, tags, json_string(arena, str_from(rule->group)));
    struct json *properties = json_object(arena);
    json_set(arena, properties, "tags", tags);

    struct json *object = json_object(arena);
    json_set_str(arena, object, "id", str_from(rule->id));
    json_set(arena, object, "shortDescription", sarif_message(arena, str_from(rule->summary)));
    json_set(arena, object, "fullDescription",
             sarif_message(arena, text_or(rule->explanation, rule->summary)));
    json_set(arena, object, "help", help_json(arena, rule));
    json_set(arena, object, "defaultConfiguration", configuration);
    json_set(arena, object, "properties", properties);
    return object;
}

struct json *sarif_rules(struct arena *arena)
{
    struct json *list = json_array(arena);
    for (size_t i = 0; i < RULE_COUNT; i++) {
        json_push(arena, list, rule_json(arena, &RULES[i]));
    }
    return list;
}
