#define _GNU_SOURCE
#include "include/CTestTLS.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

struct test_client {
    SSL *ssl;
    int socket;
};

static bool prepare(SSL_CTX *context, const test_client_wishes *wishes) {
    if (wishes->version != 0) {
        // Old versions are below Debian's default security level.
        if (wishes->version < TLS1_2_VERSION) SSL_CTX_set_security_level(context, 0);
        if (SSL_CTX_set_min_proto_version(context, wishes->version) != 1 ||
            SSL_CTX_set_max_proto_version(context, wishes->version) != 1)
            return false;
    }
    if (wishes->ca != NULL) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        if (SSL_CTX_load_verify_file(context, wishes->ca) != 1) return false;
    }
    if (wishes->certificate != NULL &&
        (SSL_CTX_use_certificate_chain_file(context, wishes->certificate) != 1 ||
         SSL_CTX_use_PrivateKey_file(context, wishes->key, SSL_FILETYPE_PEM) != 1))
        return false;
    if (wishes->ciphers != NULL && SSL_CTX_set_cipher_list(context, wishes->ciphers) != 1) return false;
    if (wishes->protocol != NULL) {
        unsigned char list[256];
        size_t length = strlen(wishes->protocol);
        list[0] = (unsigned char)length;
        memcpy(list + 1, wishes->protocol, length);
        if (SSL_CTX_set_alpn_protos(context, list, (unsigned int)length + 1) != 0) return false;
    }
    return true;
}

static void explain(char *reason, size_t size) {
    unsigned long code = ERR_peek_error();
    const char *text = code != 0 ? ERR_reason_error_string(code) : NULL;
    snprintf(reason, size, "%s", text != NULL ? text : "closed");
    ERR_clear_error();
}

test_client *test_client_connect(int port, const test_client_wishes *wishes, int seconds, char *reason, size_t size) {
    test_client *client = calloc(1, sizeof *client);
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval patience = {.tv_sec = seconds};
    int on = 1;
    ERR_clear_error();
    client->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(client->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(client->socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (prepare(context, wishes) && connect(client->socket, (struct sockaddr *)&address, sizeof address) == 0) {
        client->ssl = SSL_new(context);
        SSL_set_fd(client->ssl, client->socket);
        if (wishes->name != NULL) SSL_set_tlsext_host_name(client->ssl, wishes->name);
        if (SSL_connect(client->ssl) == 1) {
            SSL_CTX_free(context);
            return client;
        }
    }
    explain(reason, size);
    SSL_CTX_free(context);
    SSL_free(client->ssl);
    close(client->socket);
    free(client);
    return NULL;
}

int test_client_read(test_client *client, void *buffer, int length) { return SSL_read(client->ssl, buffer, length); }

int test_client_write(test_client *client, const void *buffer, int length) {
    return SSL_write(client->ssl, buffer, length);
}

int test_client_write_raw(test_client *client, const void *buffer, int length) {
    return (int)send(client->socket, buffer, (size_t)length, MSG_NOSIGNAL);
}

const char *test_client_version(const test_client *client) { return SSL_get_version(client->ssl); }

const char *test_client_cipher(const test_client *client) { return SSL_get_cipher_name(client->ssl); }

void test_client_protocol(const test_client *client, char *protocol, size_t size) {
    const unsigned char *chosen = NULL;
    unsigned int length = 0;
    SSL_get0_alpn_selected(client->ssl, &chosen, &length);
    snprintf(protocol, size, "%.*s", (int)length, (const char *)chosen);
}

int test_client_renew_keys(test_client *client, int count) {
    // All of them are made before the first is sent, so that they come faster than anybody could make them.
    BIO *memory = BIO_new(BIO_s_mem());
    BIO *plain = SSL_get_wbio(client->ssl);
    BIO_up_ref(plain);
    BIO_up_ref(memory);
    SSL_set0_wbio(client->ssl, memory);
    bool is_good = true;
    for (int i = 0; is_good && i < count; i++)
        is_good = SSL_key_update(client->ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1 && SSL_do_handshake(client->ssl) == 1;
    SSL_set0_wbio(client->ssl, plain);
    char *bytes = NULL;
    long length = BIO_get_mem_data(memory, &bytes);
    while (is_good && length > 0) {
        ssize_t sent = send(client->socket, bytes, (size_t)length, MSG_NOSIGNAL);
        is_good = sent > 0;
        bytes += sent, length -= sent;
    }
    BIO_free(memory);
    return is_good ? 0 : -1;
}

void test_client_close(test_client *client, int is_polite) {
    if (is_polite) SSL_shutdown(client->ssl);
    else {
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        setsockopt(client->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    SSL_free(client->ssl);
    close(client->socket);
    ERR_clear_error();
    free(client);
}
