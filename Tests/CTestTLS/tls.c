#define _GNU_SOURCE
#include "include/CTestTLS.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct test_authority {
    X509 *certificate;
    EVP_PKEY *key;
};

struct test_identity {
    SSL_CTX *context;
};

struct test_connection {
    SSL *ssl;
};

static int add_extension(X509 *certificate, X509 *issuer, int kind, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    if (extension == NULL) return 0;
    int added = X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

// A certificate for key, signed by issuer_key; issuer NULL: by itself. names: NULL for an authority's.
static X509 *make_certificate(EVP_PKEY *key, const char *name, X509 *issuer, EVP_PKEY *issuer_key, const char *names,
                              long seconds) {
    static atomic_long serial = 1;
    X509 *certificate = X509_new();
    if (certificate == NULL) return NULL;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), (long)getpid() * 1000 + atomic_fetch_add(&serial, 1));
    X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
    X509_gmtime_adj(X509_getm_notAfter(certificate), seconds);
    X509_set_pubkey(certificate, key);
    X509_NAME *subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(certificate, issuer == NULL ? subject : X509_get_subject_name(issuer));
    X509 *parent = issuer == NULL ? certificate : issuer;
    int made = names == NULL
        ? add_extension(certificate, parent, NID_basic_constraints, "critical,CA:TRUE") &&
            add_extension(certificate, parent, NID_key_usage, "critical,keyCertSign")
        : add_extension(certificate, parent, NID_subject_alt_name, names);
    if (!made || !X509_sign(certificate, issuer_key, EVP_sha256())) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

test_authority *test_authority_create(void) {
    test_authority *authority = calloc(1, sizeof *authority);
    if (authority == NULL) return NULL;
    authority->key = EVP_EC_gen("P-256");
    if (authority->key != NULL) {
        // A name of its own: clients must not take one authority for another.
        static atomic_int number = 1;
        char name[40];
        snprintf(name, sizeof name, "Test authority %d", atomic_fetch_add(&number, 1));
        authority->certificate = make_certificate(authority->key, name, NULL, authority->key, NULL, 24 * 3600);
    }
    if (authority->certificate == NULL) {
        test_authority_free(authority);
        return NULL;
    }
    return authority;
}

void test_authority_free(test_authority *authority) {
    if (authority == NULL) return;
    X509_free(authority->certificate);
    EVP_PKEY_free(authority->key);
    free(authority);
}

int test_authority_write(const test_authority *authority, const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL) return -1;
    int written = PEM_write_X509(file, authority->certificate);
    return fclose(file) == 0 && written ? 0 : -1;
}

int test_authority_issue(const test_authority *authority, const char *names, long seconds, const char *certificate_path,
                         const char *key_path) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = NULL;
    if (key != NULL)
        certificate = authority != NULL
            ? make_certificate(key, "Test peer", authority->certificate, authority->key, names, seconds)
            : make_certificate(key, "Test peer", NULL, key, names, seconds);
    FILE *first = fopen(certificate_path, "w"), *second = fopen(key_path, "w");
    int written = certificate != NULL && first != NULL && second != NULL && PEM_write_X509(first, certificate) &&
        PEM_write_PrivateKey(second, key, NULL, NULL, 0, NULL, NULL);
    if (first != NULL && fclose(first) != 0) written = 0;
    if (second != NULL && fclose(second) != 0) written = 0;
    X509_free(certificate);
    EVP_PKEY_free(key);
    return written ? 0 : -1;
}

test_identity *test_identity_create(const test_authority *authority, const char *names, int oldest_tls_only) {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate =
        key == NULL ? NULL : make_certificate(key, "Test sink", authority->certificate, authority->key, names, 24 * 3600);
    SSL_CTX *context = certificate == NULL ? NULL : SSL_CTX_new(TLS_server_method());
    int ready = context != NULL && SSL_CTX_use_certificate(context, certificate) == 1 &&
        SSL_CTX_use_PrivateKey(context, key) == 1;
    if (ready && oldest_tls_only) {
        // Old versions are below Debian's default security level.
        SSL_CTX_set_security_level(context, 0);
        ready = SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1 &&
            SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION) == 1;
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    test_identity *identity = ready ? calloc(1, sizeof *identity) : NULL;
    if (identity == NULL) {
        SSL_CTX_free(context);
        return NULL;
    }
    identity->context = context;
    return identity;
}

void test_identity_free(test_identity *identity) {
    if (identity == NULL) return;
    SSL_CTX_free(identity->context);
    free(identity);
}

test_connection *test_connection_accept(const test_identity *identity, int socket) {
    SSL *ssl = SSL_new(identity->context);
    if (ssl == NULL) return NULL;
    test_connection *connection = NULL;
    if (SSL_set_fd(ssl, socket) == 1 && SSL_accept(ssl) == 1) connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    connection->ssl = ssl;
    return connection;
}

int test_connection_read(test_connection *connection, void *buffer, int length) {
    return SSL_read(connection->ssl, buffer, length);
}

int test_connection_write(test_connection *connection, const void *buffer, int length) {
    return SSL_write(connection->ssl, buffer, length);
}

void test_connection_close(test_connection *connection) {
    SSL_shutdown(connection->ssl);
    SSL_free(connection->ssl);
    free(connection);
}

void test_block_sigpipe(void) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
}
