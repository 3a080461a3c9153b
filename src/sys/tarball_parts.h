/* What the files of tarball.h share: the functions of libarchive. */
#ifndef SYS_TARBALL_PARTS_H
#define SYS_TARBALL_PARTS_H

#include "sys/tarball.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#define TARBALL_FUNCTIONS(FUNCTION)                 \
    FUNCTION(archive_entry_clear)                   \
    FUNCTION(archive_entry_filetype)                \
    FUNCTION(archive_entry_free)                    \
    FUNCTION(archive_entry_hardlink)                \
    FUNCTION(archive_entry_new)                     \
    FUNCTION(archive_entry_pathname)                \
    FUNCTION(archive_entry_perm)                    \
    FUNCTION(archive_entry_set_filetype)            \
    FUNCTION(archive_entry_set_mtime)               \
    FUNCTION(archive_entry_set_pathname)            \
    FUNCTION(archive_entry_set_perm)                \
    FUNCTION(archive_entry_set_size)                \
    FUNCTION(archive_entry_set_symlink)             \
    FUNCTION(archive_entry_size)                    \
    FUNCTION(archive_entry_sparse_count)            \
    FUNCTION(archive_entry_symlink)                 \
    FUNCTION(archive_error_string)                  \
    FUNCTION(archive_filter_bytes)                  \
    FUNCTION(archive_filter_code)                   \
    FUNCTION(archive_filter_count)                  \
    FUNCTION(archive_read_data_block)               \
    FUNCTION(archive_read_free)                     \
    FUNCTION(archive_read_header_position)          \
    FUNCTION(archive_read_new)                      \
    FUNCTION(archive_read_next_header)              \
    FUNCTION(archive_read_open)                     \
    FUNCTION(archive_read_support_filter_gzip)      \
    FUNCTION(archive_read_support_filter_zstd)      \
    FUNCTION(archive_read_support_format_raw)       \
    FUNCTION(archive_read_support_format_tar)       \
    FUNCTION(archive_write_add_filter_gzip)         \
    FUNCTION(archive_write_add_filter_zstd)         \
    FUNCTION(archive_write_close)                   \
    FUNCTION(archive_write_data)                    \
    FUNCTION(archive_write_finish_entry)            \
    FUNCTION(archive_write_free)                    \
    FUNCTION(archive_write_header)                  \
    FUNCTION(archive_write_new)                     \
    FUNCTION(archive_write_open)                    \
    FUNCTION(archive_write_set_bytes_in_last_block) \
    FUNCTION(archive_write_set_filter_option)       \
    FUNCTION(archive_write_set_format_pax_restricted)

struct tarball_functions {
#define TARBALL_MEMBER(name) __typeof__(name) *(name);
    TARBALL_FUNCTIONS(TARBALL_MEMBER)
#undef TARBALL_MEMBER
};

extern struct tarball_functions tarball_functions;

/* libarchive converts names from and to the locale of the thread that calls it.
 * Names are UTF-8 here, whatever the locale of the process:
 *
 *     locale_t before CLEANUP(tarball_restore_locale) = tarball_use_utf8();
 */
locale_t tarball_use_utf8(void);
void tarball_restore_locale(locale_t *before);

#endif
