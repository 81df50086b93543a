#define _GNU_SOURCE
#include "include/CTestTLS.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAXIMUM_CONNECTIONS = 4096 };

struct test_relay {
    bool is_towards_tls, is_ending;
    int listener, target, running;
    SSL_CTX *context;
    test_relay_counts counts;
    int open[MAXIMUM_CONNECTIONS][2];
    pthread_t acceptor;
    pthread_mutex_t lock;
    pthread_cond_t ended;
};

typedef struct connection {
    test_relay *relay;
    int accepted, place;
} connection;

static struct sockaddr_in loopback(int port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons((unsigned short)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int connect_to(int port) {
    int plain = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(port);
    if (plain >= 0 && connect(plain, (struct sockaddr *)&address, sizeof address) == 0) {
        int on = 1;
        setsockopt(plain, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        return plain;
    }
    if (plain >= 0) close(plain);
    return -1;
}

static bool write_all(int socket, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t count = send(socket, bytes, length, MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes += count, length -= (size_t)count;
    }
    return true;
}

// Until one side ends. Both sockets block; the TLS side is read only when it has something.
static void carry(test_relay *relay, SSL *ssl, int secure, int plain) {
    char bytes[32768];
    struct pollfd both[2] = {{.fd = secure, .events = POLLIN}, {.fd = plain, .events = POLLIN}};
    while (true) {
        if (SSL_pending(ssl) == 0 && poll(both, 2, -1) < 0) return;
        if (SSL_pending(ssl) > 0 || both[0].revents != 0) {
            int count = SSL_read(ssl, bytes, sizeof bytes);
            if (count <= 0) return;
            pthread_mutex_lock(&relay->lock);
            relay->counts.bytes += count;
            pthread_mutex_unlock(&relay->lock);
            if (!write_all(plain, bytes, (size_t)count)) return;
        }
        if (both[1].revents != 0) {
            ssize_t count = recv(plain, bytes, sizeof bytes, 0);
            if (count <= 0 || SSL_write(ssl, bytes, (int)count) <= 0) return;
        }
        both[0].revents = both[1].revents = 0;
    }
}

static void note_handshake(test_relay *relay, SSL *ssl) {
    X509 *certificate = SSL_get1_peer_certificate(ssl);
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    pthread_mutex_lock(&relay->lock);
    relay->counts.handshakes++;
    if (certificate != NULL) relay->counts.certified++;
    strncpy(relay->counts.name, name != NULL ? name : "", sizeof relay->counts.name - 1);
    strncpy(relay->counts.version, SSL_get_version(ssl), sizeof relay->counts.version - 1);
    pthread_mutex_unlock(&relay->lock);
    X509_free(certificate);
}

static void *serve(void *argument) {
    connection *each = argument;
    test_relay *relay = each->relay;
    test_block_sigpipe();
    int other = relay->is_towards_tls ? connect_to(relay->target) : -1;
    int secure = relay->is_towards_tls ? other : each->accepted;
    pthread_mutex_lock(&relay->lock);
    relay->open[each->place][1] = other;
    pthread_mutex_unlock(&relay->lock);
    SSL *ssl = secure >= 0 ? SSL_new(relay->context) : NULL;
    if (ssl != NULL) {
        SSL_set_fd(ssl, secure);
        if ((relay->is_towards_tls ? SSL_connect(ssl) : SSL_accept(ssl)) == 1) {
            note_handshake(relay, ssl);
            if (!relay->is_towards_tls) {
                other = connect_to(relay->target);
                pthread_mutex_lock(&relay->lock);
                relay->open[each->place][1] = other;
                pthread_mutex_unlock(&relay->lock);
            }
            if (other >= 0) carry(relay, ssl, secure, relay->is_towards_tls ? each->accepted : other);
            SSL_shutdown(ssl);
        }
        SSL_free(ssl);
    }
    pthread_mutex_lock(&relay->lock);
    close(each->accepted);
    if (other >= 0) close(other);
    relay->open[each->place][0] = relay->open[each->place][1] = -1;
    relay->running--;
    pthread_cond_broadcast(&relay->ended);
    pthread_mutex_unlock(&relay->lock);
    free(each);
    return NULL;
}

static void *take(void *argument) {
    test_relay *relay = argument;
    while (true) {
        int accepted = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC);
        if (accepted < 0) return NULL;
        connection *each = calloc(1, sizeof *each);
        *each = (connection){.relay = relay, .accepted = accepted};
        pthread_mutex_lock(&relay->lock);
        int place = 0;
        while (place < MAXIMUM_CONNECTIONS && relay->open[place][0] >= 0) place++;
        bool is_taken = place < MAXIMUM_CONNECTIONS && !relay->is_ending;
        if (is_taken) {
            each->place = place;
            relay->open[place][0] = accepted;
            relay->counts.connections++;
            relay->running++;
        }
        pthread_mutex_unlock(&relay->lock);
        pthread_t thread;
        if (is_taken && pthread_create(&thread, NULL, serve, each) == 0) {
            pthread_detach(thread);
            continue;
        }
        close(accepted);
        free(each);
    }
}

static SSL_CTX *make_context(const char *certificate, const char *key, const char *ca, int oldest_tls_only) {
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (context == NULL) return NULL;
    bool is_ready = true;
    if (certificate != NULL)
        is_ready = SSL_CTX_use_certificate_chain_file(context, certificate) == 1 &&
            SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1;
    if (is_ready && ca != NULL) {
        is_ready = SSL_CTX_load_verify_file(context, ca) == 1;
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    }
    if (is_ready && oldest_tls_only) {
        SSL_CTX_set_security_level(context, 0);
        is_ready = SSL_CTX_set_min_proto_version(context, TLS1_VERSION) == 1 &&
            SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION) == 1;
    }
    if (is_ready) return context;
    SSL_CTX_free(context);
    return NULL;
}

test_relay *test_relay_start(int is_towards_tls, int port, int target, const char *certificate, const char *key,
                             const char *ca, int oldest_tls_only) {
    test_relay *relay = calloc(1, sizeof *relay);
    if (relay == NULL) return NULL;
    relay->is_towards_tls = is_towards_tls;
    relay->target = target;
    pthread_mutex_init(&relay->lock, NULL);
    pthread_cond_init(&relay->ended, NULL);
    for (int i = 0; i < MAXIMUM_CONNECTIONS; i++) relay->open[i][0] = relay->open[i][1] = -1;
    relay->context = make_context(certificate, key, ca, oldest_tls_only);
    relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    struct sockaddr_in address = loopback(port);
    if (relay->context != NULL && relay->listener >= 0 &&
        setsockopt(relay->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        setsockopt(relay->listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
        bind(relay->listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(relay->listener, 512) == 0 &&
        pthread_create(&relay->acceptor, NULL, take, relay) == 0)
        return relay;
    SSL_CTX_free(relay->context);
    if (relay->listener >= 0) close(relay->listener);
    free(relay);
    return NULL;
}

test_relay_counts test_relay_look(test_relay *relay) {
    pthread_mutex_lock(&relay->lock);
    test_relay_counts counts = relay->counts;
    pthread_mutex_unlock(&relay->lock);
    return counts;
}

static void cut(test_relay *relay) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    for (int i = 0; i < MAXIMUM_CONNECTIONS; i++)
        for (int side = 0; side < 2; side++) {
            int socket = relay->open[i][side];
            if (socket < 0) continue;
            setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
            shutdown(socket, SHUT_RDWR);
        }
}

void test_relay_cut(test_relay *relay) {
    pthread_mutex_lock(&relay->lock);
    cut(relay);
    pthread_mutex_unlock(&relay->lock);
}

void test_relay_stop(test_relay *relay) {
    pthread_mutex_lock(&relay->lock);
    relay->is_ending = true;
    pthread_mutex_unlock(&relay->lock);
    shutdown(relay->listener, SHUT_RDWR);
    pthread_join(relay->acceptor, NULL);
    close(relay->listener);
    pthread_mutex_lock(&relay->lock);
    while (relay->running > 0) {
        cut(relay);
        struct timespec soon;
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_sec += 1;
        pthread_cond_timedwait(&relay->ended, &relay->lock, &soon);
    }
    pthread_mutex_unlock(&relay->lock);
    SSL_CTX_free(relay->context);
    pthread_mutex_destroy(&relay->lock);
    pthread_cond_destroy(&relay->ended);
    free(relay);
}
