// What the shim's own files share.
#pragma once

// Ids are 64 bits; as pointers they pass through Sofia's `magic` arguments untouched.
#define NTA_LEG_MAGIC_T struct csip_id
#define NTA_OUTGOING_MAGIC_T struct csip_id
#define NTA_INCOMING_MAGIC_T struct csip_id
#define NTA_RELIABLE_MAGIC_T struct csip_id
#define NTA_AGENT_MAGIC_T struct csip_agent
#define SU_ROOT_MAGIC_T struct csip_agent
#define SU_WAKEUP_ARG_T struct csip_agent

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/nta_tport.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/sip_util.h>
#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/su.h>
#include <sofia-sip/su_log.h>
#include <sofia-sip/su_wait.h>
#include <sofia-sip/tport.h>
#include <sofia-sip/tport_tag.h>
#include <sofia-sip/hostdomain.h>

#include "CSofiaSIP.h"

enum { CSIP_V4 = 1, CSIP_V6 = 2 };

// Connections over TCP and TLS that are open (connections.c). Times in milliseconds.
typedef struct csip_connection csip_connection;
typedef struct csip_connections {
    csip_connection_limits limits;
    uint32_t handshake, sweep;
    int64_t swept;
    csip_connection *list;
    size_t count, capacity;
    size_t inbound, strangers;  // that count
    size_t refused, unshaken;   // since the start: one too many, and those whose handshake has failed
} csip_connections;

struct csip_agent {
    csip_handlers handlers;
    su_root_t *root;
    nta_agent_t *nta;
    int wake_fd;
    int wake_index;
    size_t turns;
    uint32_t stream_idle, stream_stutter;
    uint16_t udp_port, tcp_port, tls_port;
    unsigned udp_families, tcp_families, tls_families;  // CSIP_V4 and CSIP_V6 that are bound
    bool has_advertise;
    char advertise[256];
    su_home_t home[1];
    // Headers that every message carries, parsed once.
    sip_contact_t *udp_contact, *tcp_contact, *tls_contact;
    sip_allow_t *allow;
    sip_user_agent_t *user_agent;
    sip_server_t *server;
    sip_content_type_t *sdp;
    sip_accept_t *accept, *invite_accept;
    sip_supported_t *supported;
    csip_tls *tls;  // NULL: no TLS
    csip_tls_failure *on_tls_failure;
    csip_connections connections;
    csip_connection_known *on_connection;
    csip_connection_refused *on_refusal;
};

static inline struct csip_id *csip_magic(uint64_t id) { return (struct csip_id *)(uintptr_t)id; }
static inline uint64_t csip_id_of(const struct csip_id *magic) { return (uint64_t)(uintptr_t)magic; }

// The agent of the calling thread. A thread has one at most, and a leg or transaction does not lead back to it.
extern _Thread_local csip_agent *csip_current;
// While true, this thread's getaddrinfo takes numeric hosts only (see resolver.c).
extern _Thread_local bool csip_numeric_hosts_only;

void csip_clock_install(void);
csip_method csip_method_from(sip_method_t method);
sip_method_t csip_method_to_sofia(csip_method method);
int csip_on_response(struct csip_id *magic, nta_outgoing_t *client, sip_t const *sip);
int csip_on_stray_message(csip_agent *agent, nta_agent_t *nta, msg_t *message, sip_t *sip);
int csip_on_request(struct csip_id *magic, nta_leg_t *leg, nta_incoming_t *server, sip_t const *sip);
void csip_call_on_prack(csip_agent *agent, uint64_t transaction, nta_incoming_t *prack, sip_t const *sip);

// A numeric address as text; empty if it is none.
void csip_print_address(char text[INET6_ADDRSTRLEN], su_sockaddr_t const *address);

void csip_connections_start(csip_connections *all, const csip_options *options);
// Ends what has taken too long. Any time but from within a callback of the stack.
void csip_connections_sweep(csip_agent *agent);
void csip_connections_end(csip_connections *all);
void csip_connection_closed(csip_agent *agent, tport_t *transport);
void csip_connection_has_shaken_hands(csip_agent *agent, tport_t *transport);
// It was one too many.
bool csip_connection_is_refused(csip_agent *agent, tport_t *transport);
// Closes a connection whose handshake has taken too long, and tells who waits for it.
void csip_tls_give_up(csip_agent *agent, tport_t *transport, bool is_outgoing);

// Whether a URI of ours, as text, leads over TLS.
bool csip_is_secure(const char *uri);

// Our Contact for the transport of `next_hop` (NULL: UDP where there is any), built in `storage`; NULL if there is none.
sip_contact_t *csip_contact_towards(sip_contact_t *storage, const char *next_hop);

// Tag lists end with these; every request and response of ours carries them.
#define CSIP_PAYLOAD_TAGS(content_type, payload) \
    TAG_IF((payload) != NULL, SIPTAG_CONTENT_TYPE(content_type)), TAG_IF((payload) != NULL, SIPTAG_PAYLOAD(payload))

static inline sip_payload_t *csip_payload(sip_payload_t *storage, const uint8_t *body, size_t length) {
    if (body == NULL || length == 0) return NULL;
    sip_payload_init(storage);
    storage->pl_data = (char *)body;
    storage->pl_len = length;
    return storage;
}
