#include "manifest_lines.h"

#define SAYS(place, program)                                                                     \
    place " ~secret-argument: secret 'TOKEN' becomes an argument of '" program "', which every " \
          "process on the machine can see\n"
#define HELP                                                                               \
    "  ? let the program read the variable TOKEN itself, or its standard input: '... <<< " \
    "\"$TOKEN\"'\n"

static void expect_script(const char *script, const char *expected)
{
    struct arena arena CLEANUP(arena_free) = {0};

    expect_lines(str_format(&arena, "secrets: [TOKEN]\nscript: |\n%s", script).s, expected);
}

static void a_secret_that_becomes_an_argument_is_found(void **state)
{
    static const struct {
        const char *line, *place, *program;
    } CASES[] = {
        {"  curl -u x:$TOKEN y\n", "5:13", "curl"},
        {"  curl -H \"A: ${TOKEN}\"\n", "5:15", "curl"},
        {"  curl \"${TOKEN:-x}\"\n", "5:9", "curl"},
        {"  if true; then curl $TOKEN; fi\n", "5:22", "curl"},
        {"  A=b curl $TOKEN > /dev/null\n", "5:12", "curl"},
        {"  x=$(curl \"$TOKEN\")\n", "5:13", "curl"},
        {"  echo a | (cd b && env A=$TOKEN c)\n", "5:27", "env"},
        {"  exec curl $TOKEN\n", "5:13", "curl"},
        {"  cat <<X\n  $TOKEN\n  X\n  curl $TOKEN\n", "8:8", "curl"},
        {"  [[ -n $TOKEN ]] && curl `curl $TOKEN`\n", "5:33", "curl"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct arena arena CLEANUP(arena_free) = {0};
        expect_script(
            CASES[i].line,
            str_format(&arena, SAYS("%s", "%s") HELP, CASES[i].place, CASES[i].program).s);
    }
    expect_lines("secrets: [TOKEN]\ncommand: [env, sh, -c, 'curl $TOKEN; wget $TOKEN']\n",
                 SAYS("4:30", "curl") "  @ 4:43 here too\n" HELP);
}

static void what_the_shell_does_itself_is_fine(void **state)
{
    (void)state;
    expect_script("  curl -H @- y <<< \"A: $TOKEN\"\n"
                  "  echo \"$TOKEN\" | docker login --password-stdin\n"
                  "  printf '%s' \"$TOKEN\" > \"$TOKEN\"\n"
                  "  A=$TOKEN curl y # $TOKEN\n"
                  "  list=(a \"$TOKEN\"); export B=$TOKEN\n"
                  "  [ -n \"$TOKEN\" ] && [[ $TOKEN == x && $TOKEN ]] || exit 1\n"
                  "  login() { curl -K - <<< \"$1\"; }; login \"$TOKEN\"\n"
                  "  curl '$TOKEN' \\$TOKEN ${#TOKEN} ${TOKEN:+x} $TOKENS\n"
                  "  case $TOKEN in x) true ;; esac\n"
                  "  curl -d @- y <<EOF\n"
                  "  $TOKEN\n"
                  "  EOF\n",
                  "");
}

static void a_script_of_another_language_is_not_read(void **state)
{
    (void)state;
    expect_lines("secrets: [TOKEN]\nshell: [perl]\nscript: |\n  curl $TOKEN\n", "");
}

static void nobody_puts_a_secret_into_an_argument(void **state)
{
    (void)state;
    expect_lines("secrets: [TOKEN]\ncommand: [curl, '--token=$TOKEN']\n",
                 "4:26 ~secret-argument: secret 'TOKEN' is meant to become an argument, which "
                 "every process on the machine can see\n"
                 "  = no shell reads an argument, so the program gets the text as it stands here\n"
                 "  ? let the program read the variable TOKEN itself\n");
    expect_lines("secrets: [TOKEN]\ncommand: [envsubst, '$TOKEN']\n", "");
    expect_lines("secrets: [TOKEN]\ncommand: [x, '--token-from=TOKEN']\n", "");
}

static void eval_of_a_value_is_found(void **state)
{
    (void)state;
    expect_lines("params: {p: {default: a}}\n"
                 "script: |\n"
                 "  eval \"echo $PARAM_P\"\n"
                 "  eval \"$(ssh-agent -s)\"\n"
                 "  eval 'echo $PARAM_P'\n",
                 "5:14 ~eval: 'eval' reads the value of PARAM_P as commands\n"
                 "  ? use the value as \"$PARAM_P\" in the command itself, without 'eval'\n");
}

static void a_quote_behind_a_backslash_ends_no_text(void **state)
{
    (void)state;
    expect_lines("secrets: [TOKEN]\nscript: |\n  echo $'it\\'s'\n  jq -n '$TOKEN'\n", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_quote_behind_a_backslash_ends_no_text),
        cmocka_unit_test(a_secret_that_becomes_an_argument_is_found),
        cmocka_unit_test(what_the_shell_does_itself_is_fine),
        cmocka_unit_test(a_script_of_another_language_is_not_read),
        cmocka_unit_test(nobody_puts_a_secret_into_an_argument),
        cmocka_unit_test(eval_of_a_value_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
