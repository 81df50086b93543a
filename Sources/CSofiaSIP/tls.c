// TLS as it should be under Sofia's transports.
//
// Sofia's own TLS knows one folder of files, sends no server name (RFC 6066 §3), takes a subject's common name for as good
// as a SIP identity, leaks every connection it has made, and cannot change a certificate. Its framing and its queues are
// good. So the functions of OpenSSL that it calls are defined here, found before the library's, and do on the agent's thread
// what is right; everywhere else they pass the call on. What cannot be told who it is for is refused: if Sofia were built
// so that it found others than these, no connection would come about.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <errno.h>
#include <sofia-sip/tport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "override.h"
#include "tls.h"

// The transport whose handshake goes on; a connection's SSL does not lead back to it.
static _Thread_local tport_t *handshaking = NULL;

// The agent whose connections these are; NULL for everybody else's.
static csip_agent *own(void) { return csip_current != NULL && csip_current->tls != NULL ? csip_current : NULL; }

// Sofia loads its folder into a context that nothing is made with.
OVERRIDE int SSL_CTX_load_verify_locations(SSL_CTX *context, const char *file, const char *folder) {
    if (own() != NULL) return 1;
    return NEXT(SSL_CTX_load_verify_locations)(context, file, folder);
}

OVERRIDE SSL *SSL_new(SSL_CTX *context) {
    csip_agent *agent = own();
    if (agent == NULL) return NEXT(SSL_new)(context);
    // Sofia gives its own context up with every connection: the flag that says whose it is gets copied with the others.
    SSL_CTX_up_ref(context);
    return NEXT(SSL_new)(csip_tls_context(agent->tls));
}

// Sofia would copy the subjects, and lose the memory; they have been looked at, see csip_tls_expect.
OVERRIDE X509 *SSL_get1_peer_certificate(const SSL *ssl) {
    if (own() != NULL) return NULL;
    return NEXT(SSL_get1_peer_certificate)(ssl);
}

// The last that Sofia asks of a connection; it frees the socket's BIO afterwards, and the connection never.
OVERRIDE int SSL_shutdown(SSL *ssl) {
    if (own() == NULL) return NEXT(SSL_shutdown)(ssl);
    int result = SSL_is_init_finished(ssl) ? NEXT(SSL_shutdown)(ssl) : 0;
    BIO *socket = SSL_get_rbio(ssl);
    if (socket != NULL) BIO_up_ref(socket);
    SSL_free(ssl);
    // What is left of it would be taken for another connection's error.
    ERR_clear_error();
    return result;
}

static void tell_failure(csip_agent *agent, bool is_outgoing, const char *reason) {
    if (handshaking == NULL || csip_connection_is_refused(agent, handshaking)) return;
    if (!is_outgoing) agent->connections.unshaken++;
    if (agent->on_tls_failure == NULL) return;
    tp_name_t const *name = tport_name(handshaking);
    bool is_named = name->tpn_canon != NULL && !host_is_ip_address(name->tpn_canon);
    uint16_t port = name->tpn_port != NULL ? (uint16_t)strtoul(name->tpn_port, NULL, 10) : 0;
    agent->on_tls_failure(agent->handlers.context, name->tpn_host, port, is_named ? name->tpn_canon : NULL, is_outgoing,
                          reason);
}

static int shake_hands(csip_agent *agent, SSL *ssl, bool is_outgoing, int (*shake)(SSL *)) {
    if (SSL_in_before(ssl)) {
        tp_name_t const *name = handshaking != NULL ? tport_name(handshaking) : NULL;
        bool is_ready = is_outgoing ? name != NULL && csip_tls_expect(agent->tls, ssl, name->tpn_canon)
                                    : csip_tls_demand(agent->tls, ssl);
        if (!is_ready) return -1;
    }
    ERR_clear_error();
    int result = shake(ssl);
    int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(ssl, result);
    bool has_failed = error == SSL_ERROR_SSL || error == SSL_ERROR_SYSCALL || error == SSL_ERROR_ZERO_RETURN;
    // Who connects and goes without a word, as a watchdog does, has not tried.
    if (has_failed && (is_outgoing || BIO_number_read(SSL_get_rbio(ssl)) > 0))
        tell_failure(agent, is_outgoing, csip_tls_reason(ssl));
    if (result > 0 && handshaking != NULL) csip_connection_has_shaken_hands(agent, handshaking);
    return result;
}

OVERRIDE int SSL_connect(SSL *ssl) {
    csip_agent *agent = own();
    return agent != NULL ? shake_hands(agent, ssl, true, NEXT(SSL_connect)) : NEXT(SSL_connect)(ssl);
}

OVERRIDE int SSL_accept(SSL *ssl) {
    csip_agent *agent = own();
    return agent != NULL ? shake_hands(agent, ssl, false, NEXT(SSL_accept)) : NEXT(SSL_accept)(ssl);
}

// Sofia's step of a handshake, and its way to tell those who wait for a connection (tport_tls.h, tport_internal.h there).
int tls_connect(su_root_magic_t *magic, su_wait_t *wait, tport_t *transport);
void tport_close(tport_t *transport);
void tport_error_report(tport_t *transport, int error, su_sockaddr_t const *address);

OVERRIDE int tls_connect(su_root_magic_t *magic, su_wait_t *wait, tport_t *transport) {
    tport_t *outer = handshaking;
    handshaking = transport;
    int result = NEXT(tls_connect)(magic, wait, transport);
    handshaking = outer;
    ERR_clear_error();
    return result;
}

// A handshake that fails is closed for Sofia without an error, and the requests that wait for it go on waiting; but nothing
// has been sent, and no answer will come.
OVERRIDE void tport_close(tport_t *transport) {
    if (csip_current != NULL && transport != NULL) csip_connection_closed(csip_current, transport);
    if (transport != NULL && transport == handshaking) {
        handshaking = NULL;
        tport_error_report(transport, EPROTO, NULL);
    }
    NEXT(tport_close)(transport);
}

void csip_tls_give_up(csip_agent *agent, tport_t *transport, bool is_outgoing) {
    handshaking = transport;
    tell_failure(agent, is_outgoing, "the handshake has taken too long");
    tport_close(transport);
    handshaking = NULL;
}

// Sofia finds an open connection by its address alone; another name there is another peer (RFC 5922 §7.2). The primary
// transport finds or makes one of that name.
OVERRIDE tport_t *tport_by_name(tport_t const *transport, tp_name_t const *name) {
    tport_t *found = NEXT(tport_by_name)(transport, name);
    if (own() == NULL || found == NULL || !tport_is_secondary(found) || !tport_has_tls(found)) return found;
    if (strcasecmp(tport_name(found)->tpn_canon, name->tpn_canon) == 0) return found;
    return tport_parent(found);
}

void csip_agent_use_tls(csip_agent *agent, csip_tls *tls) {
    if (agent->tls != NULL) csip_tls_free(agent->tls);
    agent->tls = tls;
}

void csip_agent_on_tls_failure(csip_agent *agent, csip_tls_failure *told) { agent->on_tls_failure = told; }
