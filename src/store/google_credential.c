#include "store/google_credential.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "sys/fs.h"

static const struct google_kind *const KINDS[] = {&GOOGLE_KEY, &GOOGLE_USER, &GOOGLE_EXTERNAL,
                                                  &GOOGLE_IMPERSONATED};

struct str google_scope(enum google_purpose purpose)
{
    return purpose == GOOGLE_FOR_STORAGE
               ? STR("https://www.googleapis.com/auth/devstorage.read_write")
               : STR("https://www.googleapis.com/auth/cloud-platform");
}

int google_member(const struct json *file, const char *name, struct str *text, struct error *err)
{
    if (!json_get_str(json_member(file, name), text) || text->n == 0) {
        return error_set(err, ERROR_NOT_ALLOWED, "it has no text '%s'", name);
    }
    return 0;
}

struct str google_grant_step(struct arena *arena, const char *prefix, struct str principal)
{
    return str_format(arena,
                      "grant '%s%.*s' the role 'roles/storage.objectUser' on the bucket "
                      "('roles/storage.objectViewer' is enough to read)",
                      prefix, STR_ARG(principal));
}

static int unknown_type(struct str type, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str shown = str_printable(&scratch, str_slice(type, 0, 100));

    error_set(err, ERROR_NOT_ALLOWED, "credentials of the type '%.*s' are not supported",
              STR_ARG(shown));
    return error_help(err, "supported are service_account, authorized_user, external_account and "
                           "impersonated_service_account");
}

int google_credential_decode(struct google_credential *credential, const struct json *file,
                             struct error *err)
{
    struct str type;
    struct str universe;

    if (google_member(file, "type", &type, err) != 0) {
        return -1;
    }
    if (json_get_str(json_member(file, "universe_domain"), &universe) &&
        !str_is(universe, "googleapis.com")) {
        return error_set(err, ERROR_NOT_ALLOWED,
                         "'universe_domain' is not 'googleapis.com': no other is supported");
    }
    json_get_str(json_member(file, "quota_project_id"), &credential->quota_project);
    for (size_t i = 0; i < ARRAY_COUNT(KINDS); i++) {
        if (str_is(type, KINDS[i]->type)) {
            credential->kind = KINDS[i];
            return KINDS[i]->decode(credential, file, err);
        }
    }
    return unknown_type(type, err);
}

/* What is wrong with a file of credentials is one kind of error for the caller. */
static int cannot_use(struct str path, struct error *err)
{
    err->kind = ERROR_NOT_ALLOWED;
    return error_prefix(err, "cannot use the Google credentials in '%.*s'", STR_ARG(path));
}

int google_credential_read(struct arena *arena, struct str path,
                           struct google_credential *credential, struct error *err)
{
    struct str text;
    struct json *file;
    struct str shown = str_printable(arena, path);

    *credential = (struct google_credential){.arena = arena, .file = str_copy(arena, path)};
    if (fs_read_file(arena, credential->file.s, GOOGLE_FILE_BYTES_MAX, &text, err) != 0) {
        return err->kind == ERROR_NOT_FOUND ? -1 : cannot_use(shown, err);
    }
    if (json_parse(arena, text, GOOGLE_FILE_BYTES_MAX, &file, err) != 0) {
        /* The library quotes the text where it does not go on, which may be a secret. */
        char *quoted = strstr(err->message, " near '");
        if (quoted) {
            *quoted = '\0';
        }
        return cannot_use(shown, err);
    }
    if (google_credential_decode(credential, file, err) != 0) {
        google_credential_close(credential);
        return cannot_use(shown, err);
    }
    return 0;
}

void google_credential_close(struct google_credential *credential)
{
    if (credential->kind && credential->kind->close) {
        credential->kind->close(credential);
    }
    credential->kind = NULL;
}
