/* What `jobrun lint` is compared with: reads each file *.yaml below a folder and has
 * libyaml parse it to its end, event by event, and does nothing with the events. */
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <yaml.h>

#define BYTES_MAX (1 << 20)

static unsigned char text[BYTES_MAX];
static size_t event_count;

static int read_file(const char *path, size_t *n)
{
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        return -1;
    }
    *n = fread(text, 1, sizeof text, file);
    fclose(file);
    return 0;
}

static int parse_file(const char *path)
{
    yaml_parser_t parser;
    yaml_event_t event;
    yaml_event_type_t type = YAML_NO_EVENT;
    size_t n;

    if (read_file(path, &n) != 0 || !yaml_parser_initialize(&parser)) {
        return -1;
    }
    yaml_parser_set_input_string(&parser, text, n);
    while (type != YAML_STREAM_END_EVENT && yaml_parser_parse(&parser, &event)) {
        type = event.type;
        event_count++;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return type == YAML_STREAM_END_EVENT ? 0 : -1;
}

static int visit(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    size_t n = strlen(path);

    (void)st;
    (void)ftw;
    if (kind != FTW_F || n < 5 || strcmp(path + n - 5, ".yaml") != 0) {
        return 0;
    }
    if (parse_file(path) != 0) {
        fprintf(stderr, "cannot parse '%s'\n", path);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: yaml_events FOLDER\n", stderr);
        return 2;
    }
    if (nftw(argv[1], visit, 16, FTW_PHYS) != 0) {
        return 1;
    }
    printf("%zu events\n", event_count);
    return 0;
}
