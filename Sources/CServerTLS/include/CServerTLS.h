// The server's side of TLS for HTTP: contexts made from files, and what is asked of the connections made with them. The
// event library drives those.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

struct ssl_st;

/// Certificates, key and rules that connections are made with. Any thread.
typedef struct server_tls server_tls;

/// Reads files in PEM: our certificate and what leads from it to the root, its key, and the authorities that clients'
/// certificates must come from; NULL asks for none. NULL on failure, with the cause in `reason`.
server_tls *_Nullable server_tls_create(const char *certificate, const char *key, const char *_Nullable client_ca,
                                        char *reason, size_t size);

/// Connections that were made with it go on.
void server_tls_free(server_tls *tls);

/// A connection that waits for a client's handshake; NULL without memory. Whoever it is given to frees it.
struct ssl_st *_Nullable server_tls_connection(const server_tls *tls);

/// Whether the handshake is done.
bool server_tls_is_open(const struct ssl_st *connection);

/// Whether the client has sent anything at all.
bool server_tls_has_begun(const struct ssl_st *connection);

/// Whether the client has closed its side of the socket, or reset it. What waits there are records, and reading one to see
/// what it says would take it away from the event library: a client that ends TLS alone, and keeps the socket, has not left.
bool server_tls_has_left(const struct ssl_st *connection);

/// Says goodbye as far as the socket takes it (RFC 8446 §6.1), once the handshake is done. For a connection that is about to
/// be freed.
void server_tls_end(struct ssl_st *connection);

/// Why a handshake has failed. `error`: the library's, 0 if it has told none. A constant text.
const char *server_tls_reason(const struct ssl_st *connection, uint32_t error);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
