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
