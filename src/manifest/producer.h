/*
 * What an input asks of the job that makes it, and the problems with that: found in the
 * same way and said in the same words by a run, for the values that it has, and by
 * lint, for all that are possible.
 *
 * Nothing is reported of what the producer's own errors hide (manifest->unread). Texts
 * that are made for a message live in the arena of `diags`.
 */
#ifndef MANIFEST_PRODUCER_H
#define MANIFEST_PRODUCER_H

#include "base/base.h"
#include "base/diag.h"
#include "manifest/rule.h"

struct error;
struct input;
struct manifest;
struct output;
struct param;
struct value;
struct with;

/* `from` names nothing; `names` are the jobs that there are. */
void producer_report_missing(const struct input *input, const struct str *names, size_t count,
                             struct diags *diags);
/* `from` is the job that has the input, and no commit says that another is meant. */
void producer_report_self(const struct input *input, struct diags *diags);

/* The output that the input asks for; NULL where there is none, or it is no input:
 * reported. */
const struct output *producer_output(const struct manifest *producer, const struct input *input,
                                     struct diags *diags);
/* The param that an entry of `with` gives; NULL where there is none, or it is not part
 * of the address: reported. */
const struct param *producer_param(const struct manifest *producer, const struct with *with,
                                   struct diags *diags);

/* A second place of a problem: what the param takes. */
void producer_label_param(struct diag *diag, const struct manifest *producer,
                          const struct param *param);

/* The param refuses the value: `err` is that of domain_check_value(). */
struct diag *producer_report_value(const struct manifest *producer, const struct param *param,
                                   const struct value *value, struct span span,
                                   const struct error *err, struct diags *diags);
void producer_report_twice(const struct param *param, const struct value *value, struct span span,
                           struct diags *diags);
/* `with` does not give the param, which has no default. */
struct diag *producer_report_not_given(const struct manifest *producer, const struct param *param,
                                       const struct input *input, struct diags *diags);
/* The output has a `when` that does not hold; `shown`: "mode=pr, platform=linux-x64". */
struct diag *producer_report_not_made(const struct manifest *producer, const struct output *output,
                                      struct str shown, struct span span, struct diags *diags);

#endif
