// TLS for test servers: a certificate authority made on the spot, server identities it signs, and blocking connections.
#pragma once
#include <stddef.h>

typedef struct test_authority test_authority;
typedef struct test_identity test_identity;
typedef struct test_connection test_connection;

// A new authority with a P-256 key; NULL if OpenSSL refuses.
test_authority *test_authority_create(void);
void test_authority_free(test_authority *authority);
// Writes the authority's certificate in PEM. 0 on success.
int test_authority_write(const test_authority *authority, const char *path);

// Writes a certificate that the authority (NULL: the key itself) has signed, valid for that many seconds from now, and its key.
// names as for test_identity_create. 0 on success.
int test_authority_issue(const test_authority *authority, const char *names, long seconds, const char *certificate_path,
                         const char *key_path);

// A server's identity. names: a subjectAltName value such as "DNS:localhost,IP:127.0.0.1". oldest_tls_only: TLS 1.1 and
// nothing newer is spoken.
test_identity *test_identity_create(const test_authority *authority, const char *names, int oldest_tls_only);
void test_identity_free(test_identity *identity);

// Takes the client's handshake on a connected, blocking socket, which stays the caller's. NULL if it fails.
test_connection *test_connection_accept(const test_identity *identity, int socket);
// Bytes read or written; 0 or less at the end or on failure.
int test_connection_read(test_connection *connection, void *buffer, int length);
int test_connection_write(test_connection *connection, const void *buffer, int length);
// Says goodbye, if the client still listens, and frees.
void test_connection_close(test_connection *connection);

// Keeps SIGPIPE from the calling thread: OpenSSL writes to sockets that a client may have closed.
void test_block_sigpipe(void);

// A relay between TLS and a plain stream: it takes connections on one socket of the loopback and carries what they bring to
// another port of it.
typedef struct test_relay test_relay;
typedef struct test_relay_counts {
    int connections;  // taken
    int handshakes;   // completed
    int certified;    // of those, with a certificate of the peer
    long bytes;       // of plain text that came over TLS
    char name[256];   // the last server name asked for; empty without one
    char version[16]; // the last handshake's
} test_relay_counts;

// Towards TLS: connections come plain and go on over TLS; otherwise they come over TLS and go on plain. certificate, key: shown
// to the peer, NULL: none. ca: whom the peer's certificate must come from, which is then demanded; NULL: nothing is.
test_relay *test_relay_start(int is_towards_tls, int port, int target, const char *certificate, const char *key,
                             const char *ca, int oldest_tls_only);
test_relay_counts test_relay_look(test_relay *relay);
// Resets every connection that is open.
void test_relay_cut(test_relay *relay);
// Ends it and frees it.
void test_relay_stop(test_relay *relay);

// A blocking client on the loopback.
typedef struct test_client test_client;
typedef struct test_client_wishes {
    const char *ca;                // whom the server's certificate must come from; NULL: anybody is believed
    const char *certificate, *key; // shown to the server; NULL: none
    const char *protocol;          // offered by ALPN; NULL: none
    const char *name;              // asked for by SNI; NULL: none
    const char *ciphers;           // of TLS 1.2 and older; NULL: the usual ones
    int version;                   // the only one spoken, such as 0x0303 for TLS 1.2; 0: what is usual
} test_client_wishes;

// NULL if no connection comes about, with the reason. Reading and writing take that many seconds at most. SIGPIPE must be blocked.
test_client *test_client_connect(int port, const test_client_wishes *wishes, int seconds, char *reason, size_t size);
// As of SSL_read and SSL_write.
int test_client_read(test_client *client, void *buffer, int length);
int test_client_write(test_client *client, const void *buffer, int length);
// To the socket as it is, past TLS.
int test_client_write_raw(test_client *client, const void *buffer, int length);
const char *test_client_version(const test_client *client);
const char *test_client_cipher(const test_client *client);
// What ALPN has come to; empty for nothing.
void test_client_protocol(const test_client *client, char *protocol, size_t size);
// Renews the client's keys so often at a stroke (RFC 8446 §4.6.3). 0 on success.
int test_client_renew_keys(test_client *client, int count);
// Says goodbye and closes, or resets the connection. Frees.
void test_client_close(test_client *client, int is_polite);
