/*
 * What shellcheck finds in the scripts of the manifests, at its place in the
 * manifest.
 *
 * One process checks the scripts of all manifests that have the same shell (in chunks
 * of SHELLCHECK_CHUNK), from copies in a temporary folder, with the workspace's own
 * .shellcheckrc beside them. Scripts of other languages are left out, and so are
 * findings of style and about variables that jobrun sets.
 *
 *     JOBRUN_SHELLCHECK           another program than the `shellcheck` on PATH; `off`:
 *                                 none, scripts are not checked
 *     JOBRUN_SHELLCHECK_TIMEOUT   for one process: 90s, 5m (default 60s)
 */
#ifndef LINT_SHELLCHECK_H
#define LINT_SHELLCHECK_H

#include "base/base.h"

struct error;
struct lint;

#define SHELLCHECK_CHUNK      ((size_t)100) /* scripts of one process */
#define SHELLCHECK_TIMEOUT_MS 60000
#define SHELLCHECK_BYTES_MAX  ((size_t)16 << 20) /* of what one process writes */

/* Where it is not installed nothing is done, and lint->remark says so. A shellcheck
 * that fails, hangs or writes what is no report is an error. */
int shellcheck_check(struct lint *lint, struct error *err) MUST_USE;

#endif
