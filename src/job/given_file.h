/*
 * What the two forms of a params file share: given_file.c (YAML) and
 * given_json.c.
 */
#ifndef JOB_GIVEN_FILE_H
#define JOB_GIVEN_FILE_H

#include "base/base.h"
#include "job/given.h"

/* The param that a value is for, or NULL where there is nothing to take: its
 * form is wrong, or a flag has given it. `form` is what the value is. */
struct given *given_begin_value(struct givens *givens, struct str name, struct span name_span,
                                struct span span, const char *form);
void given_refuse_element(const struct givens *givens, struct given *given, struct span span,
                          const char *form);
void givens_report_no_mapping(const struct givens *givens, struct span span, const char *form);

void givens_take_json(struct givens *givens, const struct source *file);

/* Why a text is not JSON that jobrun reads, in words, and where. *problem has a
 * NULL `s` where nothing is found. */
struct span given_json_problem(struct arena *arena, const struct source *file, struct str *problem);

#endif
