#include "CPEM.h"

#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdbool.h>

static BIO *reader(const uint8_t *text, size_t length) {
    return length > INT_MAX ? NULL : BIO_new_mem_buf(text, (int)length);
}

// An encrypted key is not asked for on a terminal; noted, so that it can be told from one that is broken.
static int no_password(char *buffer, int size, int is_writing, void *was_asked) {
    (void)buffer, (void)size, (void)is_writing;
    *(bool *)was_asked = true;
    return -1;
}

static EVP_PKEY *read_key(const uint8_t *text, size_t length, bool *is_encrypted) {
    BIO *bio = reader(text, length);
    *is_encrypted = false;
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_password, is_encrypted) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

static X509 *read_first(const uint8_t *text, size_t length) {
    BIO *bio = reader(text, length);
    X509 *certificate = bio != NULL ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

const char *pem_certificates_problem(const uint8_t *text, size_t length) {
    BIO *bio = reader(text, length);
    if (bio == NULL) return "cannot be read";
    int count = 0;
    X509 *certificate;
    while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        X509_free(certificate);
        count++;
    }
    // The end of the text is told as an error too.
    bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(bio);
    if (count == 0 && is_end) return "has no certificate in PEM (\"-----BEGIN CERTIFICATE-----\")";
    return is_end ? NULL : "has a certificate that cannot be read";
}

const char *pem_key_problem(const uint8_t *text, size_t length) {
    bool is_encrypted;
    EVP_PKEY *key = read_key(text, length, &is_encrypted);
    if (key == NULL) return is_encrypted ? "has an encrypted private key" : "has no private key in PEM";
    EVP_PKEY_free(key);
    return NULL;
}

const char *pem_pair_problem(const uint8_t *certificates, size_t certificates_length, const uint8_t *key_text,
                             size_t key_length) {
    bool is_encrypted;
    X509 *certificate = read_first(certificates, certificates_length);
    EVP_PKEY *key = read_key(key_text, key_length, &is_encrypted);
    const char *problem = NULL;
    if (certificate == NULL) problem = "has no certificate";
    else if (key == NULL) problem = "has no private key";
    else if (X509_check_private_key(certificate, key) != 1) problem = "is not the key of the first certificate";
    EVP_PKEY_free(key);
    X509_free(certificate);
    ERR_clear_error();
    return problem;
}

// Why the library takes no certificate into a context.
static const char *refusal(void) {
    unsigned long error = ERR_peek_error();
    int reason = ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0;
    switch (reason) {
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_CA_KEY_TOO_SMALL:
    case SSL_R_CA_MD_TOO_WEAK: return "has a certificate whose key or signature is too weak for TLS";
    default: return "has a certificate that cannot be used for TLS";
    }
}

const char *pem_strength_problem(const uint8_t *certificates, size_t length) {
    BIO *bio = reader(certificates, length);
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    const char *problem = bio == NULL || context == NULL ? "cannot be looked at for TLS: there is no memory" : NULL;
    X509 *certificate;
    bool is_first = true;
    while (problem == NULL && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        ERR_clear_error();
        int is_taken = is_first ? SSL_CTX_use_certificate(context, certificate)
                                : SSL_CTX_add1_chain_cert(context, certificate);
        if (is_taken != 1) problem = refusal();
        is_first = false;
        X509_free(certificate);
    }
    SSL_CTX_free(context);
    BIO_free(bio);
    ERR_clear_error();
    return problem;
}

int64_t pem_seconds_left(const uint8_t *certificates, size_t length) {
    X509 *certificate = read_first(certificates, length);
    int days = 0, seconds = 0;
    bool is_known = certificate != NULL && ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) == 1;
    X509_free(certificate);
    ERR_clear_error();
    return is_known ? (int64_t)days * 86400 + seconds : INT64_MAX;
}
