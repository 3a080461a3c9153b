#include "store/jwt.h"

#include "base/arena.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/json.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

struct jwt_key {
    EVP_PKEY *pkey;
};

/* Without a password nobody is asked for one. */
static EVP_PKEY *read_key(struct str pem)
{
    static char no_password[] = "";
    EVP_PKEY *pkey = NULL;
    BIO *bio = pem.n <= INT_MAX ? BIO_new_mem_buf(pem.s, (int)pem.n) : NULL;

    if (bio) {
        pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, no_password);
    }
    BIO_free(bio);
    ERR_clear_error();
    return pkey;
}

int jwt_key_open(struct arena *arena, struct str pem, struct jwt_key **key, struct error *err)
{
    EVP_PKEY *pkey = read_key(pem);

    if (!pkey) {
        return error_set(err, ERROR_DAMAGED, "it is no private key in PEM without a password");
    }
    if (EVP_PKEY_base_id(pkey) != EVP_PKEY_RSA || EVP_PKEY_bits(pkey) < JWT_KEY_BITS_MIN) {
        EVP_PKEY_free(pkey);
        return error_set(err, ERROR_DAMAGED, "it is no RSA key of at least %d bits",
                         JWT_KEY_BITS_MIN);
    }
    *key = arena_alloc(arena, sizeof **key);
    (*key)->pkey = pkey;
    return 0;
}

void jwt_key_close(struct jwt_key **key)
{
    if (*key) {
        EVP_PKEY_free((*key)->pkey);
    }
    *key = NULL;
}

static bool sign(const struct jwt_key *key, struct str text, unsigned char *signature, size_t *n)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_signed =
        context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key->pkey) == 1 &&
        EVP_DigestSign(context, signature, n, (const unsigned char *)text.s, text.n) == 1;

    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return is_signed;
}

int jwt_sign(const struct jwt_key *key, struct arena *arena, const struct json *header,
             const struct json *claims, struct str *token, struct error *err)
{
    struct str head = base64_encode(arena, BASE64_URL, json_format(arena, header, false));
    struct str body = base64_encode(arena, BASE64_URL, json_format(arena, claims, false));
    struct str text = str_format(arena, "%.*s.%.*s", STR_ARG(head), STR_ARG(body));
    size_t n = (size_t)EVP_PKEY_size(key->pkey);
    char *signature = arena_alloc(arena, n);

    if (!sign(key, text, (unsigned char *)signature, &n)) {
        return error_set(err, ERROR_INTERNAL, "OpenSSL cannot sign with the private key");
    }
    struct str tail = base64_encode(arena, BASE64_URL, (struct str){signature, n});
    *token = str_format(arena, "%.*s.%.*s", STR_ARG(text), STR_ARG(tail));
    return 0;
}
