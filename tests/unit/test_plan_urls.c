#include "job_workspace.h"

#define MAKER                                                    \
    "job: maker\nhelp: h\n"                                      \
    "params: {part: {type: enum, values: [a, b], default: a}}\n" \
    "command: [make, \"${params.part}\"]\n"                      \
    "outputs: {out: out/}\n"

#define USE(keys)                                                \
    "job: use\nhelp: h\n"                                        \
    "inputs: {x: {from: maker, with: {part: [b, a]}" keys "}}\n" \
    "command: [curl, {urls: x}]\n"

static const struct plan *plan_of(struct workspace *w, const char *use, struct supply *supplies)
{
    write_manifest(w, "maker", MAKER);
    write_manifest(w, "use", use);
    w->catalog = catalog_make(&w->arena, &w->context);
    const struct job *job = bind_good(w, "use", NULL);
    for (size_t i = 0; i < 2; i++) {
        supplies[i].input = &job->inputs[0];
        supplies[i].element = &job->inputs[0].elements[i];
        supplies[i].address = supplies[i].element->address;
    }
    const struct plan *plan = plan_make(&w->arena, job, supplies, 2, &w->diags);
    assert_non_null(plan);
    return plan;
}

static const char *variable(const struct plan *plan, const char *name)
{
    size_t n = strlen(name);

    for (const char **entry = plan->commands[0].envp; *entry; entry++) {
        if (strncmp(*entry, name, n) == 0 && (*entry)[n] == '=') {
            return *entry + n + 1;
        }
    }
    return NULL;
}

static struct entry files[] = {{.kind = ENTRY_FILE, .path = {"a", 1}},
                               {.kind = ENTRY_LINK, .path = {"l", 1}, .target = {"a", 1}},
                               {.kind = ENTRY_FILE, .path = {"z", 1}}};
static struct str first[] = {{"u:1", 3}, {NULL, 0}, {"u:2", 3}};
static struct str second[] = {{"u:0", 3}, {NULL, 0}, {"u:4", 3}};

static void addresses_come_by_element_and_path(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    struct supply supplies[2] = {
        {.state = SUPPLY_THERE, .entries = files, .entry_count = 3, .urls = first},
        {.state = SUPPLY_THERE, .entries = files, .entry_count = 3, .urls = second}};

    (void)state;
    workspace_open(&w);
    const struct plan *plan = plan_of(&w, USE(""), supplies);
    static const char *const WANTED[] = {"curl", "u:1", "u:2", "u:0", "u:4"};
    assert_int_equal(plan->commands[0].argc, ARRAY_COUNT(WANTED));
    for (size_t i = 0; i < ARRAY_COUNT(WANTED); i++) {
        assert_string_equal(plan->commands[0].argv[i], WANTED[i]);
    }
    assert_string_equal(variable(plan, "INPUT_X_URLS"), "u:1\nu:2\nu:0\nu:4");
    assert_string_equal(variable(plan, "INPUT_X"), "");
    assert_int_equal(plan->landing_count, 0);
}

static void what_is_missing_has_a_stand_in_and_what_is_optional_none(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    struct supply supplies[2] = {
        {.state = SUPPLY_THERE, .entries = files, .entry_count = 3, .urls = first},
        {.state = SUPPLY_ABSENT}};

    (void)state;
    workspace_open(&w);
    const struct plan *plan = plan_of(&w, USE(""), supplies);
    assert_int_equal(plan->commands[0].argc, 4);
    assert_string_equal(plan->commands[0].argv[3], "<addresses of input 'x'>");
    plan = plan_of(&w, USE(", optional: true"), supplies);
    assert_int_equal(plan->commands[0].argc, 3);
}

static void what_nobody_asked_for_has_a_stand_in_too(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    struct supply supplies[2] = {{.state = SUPPLY_UNKNOWN}, {.state = SUPPLY_UNKNOWN}};

    (void)state;
    workspace_open(&w);
    const struct plan *plan = plan_of(&w, USE(", optional: true"), supplies);
    assert_int_equal(plan->commands[0].argc, 2);
    assert_string_equal(plan->commands[0].argv[1], "<addresses of input 'x'>");
    assert_string_equal(variable(plan, "INPUT_X_URLS"), "<addresses of input 'x'>");
}

static void an_input_that_lands_has_no_variable_for_them(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    struct supply supplies[2] = {{.state = SUPPLY_ABSENT}, {.state = SUPPLY_ABSENT}};

    (void)state;
    workspace_open(&w);
    const struct plan *plan = plan_of(&w, USE(", to: \"in/${with.part}/\""), supplies);
    assert_null(variable(plan, "INPUT_X_URLS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_come_by_element_and_path),
        cmocka_unit_test(what_is_missing_has_a_stand_in_and_what_is_optional_none),
        cmocka_unit_test(what_nobody_asked_for_has_a_stand_in_too),
        cmocka_unit_test(an_input_that_lands_has_no_variable_for_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
