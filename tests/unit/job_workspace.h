/* A workspace with manifests for the tests of bound jobs and plans. */
#ifndef TESTS_UNIT_JOB_WORKSPACE_H
#define TESTS_UNIT_JOB_WORKSPACE_H

#include "test.h"

#include "base/diag.h"
#include "base/error.h"
#include "job/catalog.h"
#include "job/context.h"
#include "job/job.h"
#include "job/plan.h"
#include "sys/fd.h"
#include "sys/fs.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"

struct workspace {
    struct arena arena;
    struct context context;
    struct catalog *catalog;
    struct diags diags;
};

static inline void workspace_open(struct workspace *w)
{
    char folder[] = "/tmp/jobrun-unit-job-XXXXXX";
    struct error err = {0};

    *w = (struct workspace){0};
    assert_non_null(mkdtemp(folder));
    assert_int_equal(fs_real_path(&w->arena, folder, &w->context.root, &err), 0);
    w->context.start = w->context.root;
    w->context.root_fd = -1;
    config_default(&w->context.config);
    w->context.environment = STR("dev");
    w->context.environment_why = STR("no CI system");
    w->context.store_url = str_format(&w->arena, "%s/.jobrun/store", w->context.root.s);
    w->context.store_url_why = STR("default");
    w->context.commit = STR(COMMIT);
    w->context.commit_is_head = true;
    w->context.host_platform = STR("linux-x64");
    w->catalog = catalog_make(&w->arena, &w->context);
    w->diags = diags_make(&w->arena);
    struct str manifests = str_format(&w->arena, "%s/manifests", w->context.root.s);
    assert_int_equal(fs_make_folders(manifests.s, 0755, &err), 0);
}

static inline void workspace_close(struct workspace *w)
{
    struct error err = {0};
    int tmp CLEANUP(fd_close) = -1;

    if (w->context.root.n > 0) {
        assert_int_equal(fs_open_folder("/tmp", &tmp, &err), 0);
        assert_int_equal(fs_remove_beneath(tmp, strrchr(w->context.root.s, '/') + 1, &err), 0);
    }
    arena_free(&w->arena);
}

static inline void write_manifest(struct workspace *w, const char *job, const char *text)
{
    struct str path = str_format(&w->arena, "%s/manifests/%s.yaml", w->context.root.s, job);
    FILE *file = fopen(path.s, "w");

    assert_non_null(file);
    assert_int_equal(fputs(text, file) >= 0, 1);
    assert_int_equal(fclose(file), 0);
}

static inline void show_diags(const struct diags *diags)
{
    for (size_t i = 0; i < diags->count; i++) {
        struct buf buf = buf_make(diags->arena, BUF_MAX_DEFAULT);
        diag_format(&buf, diags->items[i], &(struct diag_style){0});
        print_message("%s\n", buf_str(&buf).s);
    }
}

/* The params' values: "name=value" for each, NULL at the end; a list is given by
 * its name again and again. What is not given has its default. */
static inline struct argument *make_arguments(struct workspace *w, const struct manifest *manifest,
                                              const char *const *given)
{
    struct argument *arguments = arena_array(&w->arena, manifest->param_count, sizeof *arguments);

    for (size_t i = 0; i < manifest->param_count; i++) {
        const struct param *param = manifest->params[i];
        struct value value = {.is_list = param->domain.type == TYPE_LIST};
        struct error err = {0};
        bool found = false;
        value.items = arena_array(&w->arena, 100, sizeof *value.items);
        for (size_t j = 0; given && given[j]; j++) {
            struct str name, text;
            assert_true(str_cut(str_from(given[j]), '=', &name, &text));
            if (str_equal(name, param->name)) {
                found = true;
                value.text = text;
                value.items[value.count++] = text;
            }
        }
        arguments[i].param = param;
        int result =
            found ? domain_check_value(&param->domain, &w->arena, &value, &arguments[i].value, &err)
                  : param_default(param, &w->arena, w->context.host_platform, &arguments[i].value,
                                  &err);
        if (result < 0) {
            fail_msg("param '%.*s': %s", STR_ARG(param->name), err.message);
        }
    }
    return arguments;
}

/* NULL where binding found problems. The manifest itself must have none. */
static inline const struct job *bind_job(struct workspace *w, const char *job,
                                         const char *const *given)
{
    w->diags = diags_make(&w->arena);
    const struct manifest *manifest = catalog_find(w->catalog, str_from(job), &w->diags);
    if (w->diags.error_count > 0 || !manifest) {
        show_diags(&w->diags);
        fail_msg("manifest '%s' has problems", job);
    }
    return job_bind(&w->arena, &w->context, w->catalog, manifest,
                    make_arguments(w, manifest, given), &w->diags);
}

/* As bind_job() where no problem is expected. */
static inline const struct job *bind_good(struct workspace *w, const char *job,
                                          const char *const *given)
{
    const struct job *bound = bind_job(w, job, given);

    if (!bound) {
        show_diags(&w->diags);
        fail_msg("job '%s' could not be bound", job);
    }
    return bound;
}

/* The diagnostic with this message, or a failure that shows what there is. */
static inline const struct diag *find_diag(struct workspace *w, const char *message)
{
    for (size_t i = 0; i < w->diags.count; i++) {
        if (str_is(w->diags.items[i]->message, message)) {
            return w->diags.items[i];
        }
    }
    show_diags(&w->diags);
    fail_msg("there is no diagnostic '%s'", message);
    return NULL;
}

static inline struct str spanned(struct span span)
{
    assert_non_null(span.source);
    return str_slice(span.source->text, span.start, span.length);
}

#define GIVEN(...) ((const char *const[]){__VA_ARGS__, NULL})

#endif
