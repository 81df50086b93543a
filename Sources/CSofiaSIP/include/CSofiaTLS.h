// TLS under SIP (RFC 3261 §26.2): which certificates connections are made with. Sofia's own contexts are never used, see
// tls.c.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Files in PEM.
typedef struct csip_tls_files {
    const char *certificate;        ///< ours, and what a peer needs to reach the root it trusts
    const char *key;                ///< of the first certificate; not encrypted
    const char *_Nullable ca;       ///< whom we trust; NULL: the system's authorities
    bool verifies_peers;            ///< of connections that we open
    bool requires_client_certificate;  ///< of connections that are opened to us; not without `ca`
} csip_tls_files;

/// What connections are made with. One owner, which csip_agent_use_tls becomes.
typedef struct csip_tls csip_tls;

/// Reads the files. Any thread. NULL if they cannot be used; `reason` says why, shortened to `size` bytes.
csip_tls *_Nullable csip_tls_create(const csip_tls_files *files, char *reason, size_t size);
void csip_tls_free(csip_tls *tls);

struct csip_agent;
/// Connections from now on are made with `tls`; those that are open keep theirs. Takes it over. On the agent's thread.
void csip_agent_use_tls(struct csip_agent *agent, csip_tls *tls);

/// A connection that did not come about: with whom, at which end, and why. `address` is numeric.
typedef void csip_tls_failure(void *_Nullable context, const char *address, uint16_t port, const char *_Nullable name,
                              bool is_outgoing, const char *reason);
/// Is told about them, on the agent's thread, with the context of the agent's handlers.
void csip_agent_on_tls_failure(struct csip_agent *agent, csip_tls_failure *told);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
