/*
 * Large pieces of memory, straight from the system. Where it has large pages (Linux: 2 MiB
 * on most machines), such a piece is one of them: memory that is used for the first time
 * costs a fault of each page, and a lint of thousands of manifests is slow by these
 * alone, above all in a virtual machine.
 */
#ifndef SYS_PAGES_H
#define SYS_PAGES_H

#include "base/base.h"

/* From here on the blocks of large arenas are such pieces (base/arena.h). To be called
 * once, at the start of the program. Does nothing where the system has none. */
void pages_begin(void);

#endif
