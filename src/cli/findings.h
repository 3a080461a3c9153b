/*
 * What a lint found, on its way into a format: the problems, what comments hide,
 * and where files are.
 *
 * Every format has all of it; the text for people is report_diags(). Data goes to
 * standard output. Places are those of source.h: lines and columns from 1, columns in
 * characters (Unicode code points), an end behind the last character.
 */
#ifndef CLI_FINDINGS_H
#define CLI_FINDINGS_H

#include "base/base.h"
#include "base/diag.h"
#include "lint/ignore.h"

struct arena;
struct json;

enum findings_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SARIF, FORMAT_GITHUB };

struct findings {
    struct arena *arena;
    const struct diags *diags; /* sorted */
    const struct hidden *hidden;
    size_t hidden_count;
    struct str folder; /* absolute: where names of files begin; empty: not known */
    struct str top;    /* absolute: of the repository, else of the workspace; or empty */
    size_t checked_count;
    int status; /* that lint exits with */
};

/* False where it is the name of no format. */
bool findings_format_parse(struct str name, enum findings_format *format);

size_t findings_warning_count(const struct findings *findings);
/* The path of a file from `top`; false where it is not below it, so that the path is
 * absolute, and where the text is no file, so that it is its name. */
bool findings_path(const struct findings *findings, const struct source *source, struct str *path);
/* The name as it is shown. */
struct str findings_name(const struct findings *findings, const struct source *source);

struct region {
    struct place start, end;
};
struct region region_of(struct span span);

/*
 * One JSON document, "version": 1. Members are only added within a version; those that
 * do not apply are null or empty, and never left out.
 *
 *     version, tool {name, version}
 *     status    that lint exits with
 *     problems  [{rule, group, severity, message, place, labels [{message, place}], notes
 *               [text], helps [text]}], in the order of files and places: group is null of
 *               what is no rule (usage), severity "error" or "warning"
 *     ignored   [the same, and reason, comment (its place)]: what comments hide
 *     totals    {checked, errors, warnings, ignored, dropped}: checked counts manifests;
 *               dropped are those behind the first thousand, which `errors` counts too
 *
 * A place is {file, line, column, endLine, endColumn}, or null where a problem has none;
 * the file is named as in the text, from the current folder.
 */
#define FINDINGS_JSON_VERSION 1
struct str findings_json(const struct findings *findings);

/*
 * SARIF 2.1.0. Rules are those of the table, all of them; files are named from the top of
 * the repository. A problem that has no place is a notification of the invocation. A
 * fingerprint is made of the rule, the file and what its line says, and stays when lines
 * above it come or go.
 */
struct str findings_sarif(const struct findings *findings);
struct json *sarif_rules(struct arena *arena);
/* {"text": ...} */
struct json *sarif_message(struct arena *arena, struct str text);

/*
 * Commands to GitHub Actions that annotate lines: ::error file=...,line=...::message.
 * Files are named from the top of the repository; columns are left out where the place
 * goes over several lines, since Actions refuses them there, and their end is the last
 * character. The message begins with place and rule, which the log would not show else.
 */
struct str findings_github(const struct findings *findings);

#endif
