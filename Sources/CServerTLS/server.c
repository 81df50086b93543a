#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "CServerTLS.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

struct server_tls {
    SSL_CTX *context;
};

static const char *last_error(void) {
    // The first is the cause; what it led to comes after it.
    unsigned long code = ERR_peek_error();
    const char *text = code != 0 ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return text != NULL ? text : "unknown error";
}

// A key that is encrypted is not asked for on a terminal.
static int no_password(char *buffer, int size, int is_writing, void *data) {
    (void)buffer, (void)size, (void)is_writing, (void)data;
    return -1;
}

// HTTP/1.1 is all that is spoken; a client that offers only others hears so (RFC 7301 §3.2).
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
                           unsigned int offered_length, void *data) {
    (void)ssl, (void)data;
    static const unsigned char spoken[] = "\x08http/1.1";
    int result = SSL_select_next_proto((unsigned char **)chosen, length, spoken, sizeof spoken - 1, offered, offered_length);
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static bool set_rules(SSL_CTX *context) {
    // Nothing older (RFC 8996), and of 1.2 what has forward secrecy and authenticated encryption (RFC 9325 §4.2).
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) return false;
    if (SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) return false;
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE
                                     | SSL_OP_PRIORITIZE_CHACHA);
    // Memory of an idle connection is given back. Not SSL_MODE_ENABLE_PARTIAL_WRITE: libevent would go on with the next
    // piece behind a part of one.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // One record a turn, even if it brings nothing to read: a client that only ever renews its keys (RFC 8446 §4.6.3) would
    // keep the thread to itself.
    SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
    // Resumption is by tickets alone; nothing is kept here.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    return true;
}

static bool demand_certificates(SSL_CTX *context, const char *client_ca) {
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(client_ca);
    if (names == NULL) return false;
    SSL_CTX_set_client_CA_list(context, names);
    if (SSL_CTX_load_verify_file(context, client_ca) != 1) return false;
    // Each certificate of the file is an authority, also if somebody else has certified it.
    X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    // Every connection shows its certificate: a ticket would outlive it.
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    return SSL_CTX_set_num_tickets(context, 0) == 1;
}

server_tls *server_tls_create(const char *certificate, const char *key, const char *client_ca, char *reason, size_t size) {
    ERR_clear_error();
    server_tls *tls = calloc(1, sizeof *tls);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    const char *what = NULL;
    if (tls == NULL || context == NULL || !set_rules(context)) what = "TLS";
    else if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1) what = "the certificate";
    else if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) what = "the key";
    else if (SSL_CTX_check_private_key(context) != 1) what = "the key";
    else if (client_ca != NULL && !demand_certificates(context, client_ca)) what = "the clients' authorities";
    if (what != NULL) {
        snprintf(reason, size, "%s cannot be used: %s", what, last_error());
        SSL_CTX_free(context);
        free(tls);
        return NULL;
    }
    tls->context = context;
    return tls;
}

void server_tls_free(server_tls *tls) {
    // Open connections hold the context until they end.
    SSL_CTX_free(tls->context);
    free(tls);
}

SSL *server_tls_connection(const server_tls *tls) {
    SSL *connection = SSL_new(tls->context);
    ERR_clear_error();
    return connection;
}

bool server_tls_is_open(const SSL *connection) { return SSL_is_init_finished(connection); }

bool server_tls_has_begun(const SSL *connection) {
    BIO *socket = SSL_get_rbio(connection);
    return socket != NULL && BIO_number_read(socket) > 0;
}

bool server_tls_has_left(const SSL *connection) {
    struct pollfd socket = {.fd = SSL_get_fd(connection), .events = POLLRDHUP};
    return poll(&socket, 1, 0) > 0 && (socket.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

void server_tls_end(SSL *connection) {
    if (SSL_is_init_finished(connection)) SSL_shutdown(connection);
    ERR_clear_error();
}

const char *server_tls_reason(const SSL *connection, uint32_t error) {
    long result = SSL_get_verify_result(connection);
    if (result != X509_V_OK) return X509_verify_cert_error_string(result);
    const char *text = error != 0 ? ERR_reason_error_string(error) : NULL;
    return text != NULL ? text : "the connection was closed, or the handshake took too long";
}
