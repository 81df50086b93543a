// Requests we send: the calling leg, INVITE, in-dialog requests, ACK, CANCEL.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static nta_leg_t *nta(csip_leg *leg) { return (nta_leg_t *)leg; }

csip_leg *csip_leg_create(csip_agent *agent, uint64_t leg, const csip_invite *invite) {
    return (csip_leg *)nta_leg_tcreate(agent->nta, csip_on_request, csip_magic(leg), SIPTAG_FROM_STR(invite->from),
                                       SIPTAG_TO_STR(invite->to), SIPTAG_CALL_ID_STR(invite->call_id), TAG_END());
}

void csip_leg_rebind(csip_leg *leg, uint64_t id) { nta_leg_bind(nta(leg), csip_on_request, csip_magic(id)); }

// The Content-Type of a body that is not SDP, in `home`; else that of SDP.
static sip_content_type_t *content_type(csip_agent *agent, const char *text, su_home_t *home) {
    return text != NULL ? sip_content_type_make(home, text) : agent->sdp;
}

csip_client *csip_leg_invite(csip_leg *leg, uint64_t transaction, const csip_invite *invite) {
    csip_agent *agent = csip_current;
    su_home_t scratch[1] = {SU_HOME_INIT(scratch)};
    sip_content_type_t *type = content_type(agent, invite->content_type, scratch);
    sip_payload_t storage[1];
    sip_payload_t *payload = csip_payload(storage, invite->body, invite->body_length);
    sip_min_se_t min_se[1];
    sip_session_expires_t expires[1];
    sip_min_se_init(min_se)->min_delta = invite->min_se;
    sip_session_expires_init(expires)->x_delta = invite->session_expires;
    sip_contact_t storage_of_contact[1];
    sip_contact_t *contact = csip_contact_towards(storage_of_contact, invite->next_hop);
    // The message first: nta_outgoing_tcreate would keep a second copy of the tags, the offer among them, for as long as the
    // transaction lives.
    msg_t *message = nta_msg_create(agent->nta, 0);
    if (message == NULL) {
        su_home_deinit(scratch);
        return NULL;
    }
    int code = sip_add_tl(
        message, sip_object(message), TAG_IF(contact != NULL, SIPTAG_CONTACT(contact)),
        TAG_IF(invite->route != NULL, SIPTAG_ROUTE_STR(invite->route)), SIPTAG_ALLOW(agent->allow),
        SIPTAG_SUPPORTED_STR(invite->supported), TAG_IF(invite->require != NULL, SIPTAG_REQUIRE_STR(invite->require)),
        SIPTAG_USER_AGENT(agent->user_agent), SIPTAG_ACCEPT(agent->invite_accept),
        TAG_IF(invite->min_se > 0, SIPTAG_MIN_SE(min_se)),
        TAG_IF(invite->session_expires > 0, SIPTAG_SESSION_EXPIRES(expires)),
        TAG_IF(invite->headers != NULL, SIPTAG_HEADER_STR(invite->headers)), CSIP_PAYLOAD_TAGS(type, payload),
        TAG_END());
    nta_outgoing_t *client = NULL;
    if (code >= 0
        && nta_msg_request_complete(message, nta(leg), SIP_METHOD_INVITE, URL_STRING_MAKE(invite->request_uri)) >= 0) {
        client = nta_outgoing_mcreate(agent->nta, csip_on_response, csip_magic(transaction),
                                      URL_STRING_MAKE(invite->next_hop), message, TAG_END());
    }
    if (client == NULL) msg_destroy(message);
    su_home_deinit(scratch);
    return (csip_client *)client;
}

bool csip_leg_adopt(csip_leg *leg, const csip_response *response) {
    sip_t const *sip = response->message;
    if (sip->sip_to == NULL || sip->sip_to->a_tag == NULL) return false;
    if (nta_leg_rtag(nta(leg), sip->sip_to->a_tag) == NULL) return false;
    nta_leg_client_reroute(nta(leg), sip->sip_record_route, sip->sip_contact, 1);
    return true;
}

csip_leg *csip_leg_fork(csip_agent *agent, uint64_t leg, const csip_response *response) {
    sip_t const *sip = response->message;
    if (sip->sip_to == NULL || sip->sip_to->a_tag == NULL) return NULL;
    nta_leg_t *fork = nta_leg_tcreate(agent->nta, csip_on_request, csip_magic(leg), SIPTAG_FROM(sip->sip_from),
                                      SIPTAG_TO(sip->sip_to), SIPTAG_CALL_ID(sip->sip_call_id),
                                      SIPTAG_CSEQ(sip->sip_cseq), TAG_END());
    if (fork == NULL) return NULL;
    nta_leg_client_reroute(fork, sip->sip_record_route, sip->sip_contact, 1);
    return (csip_leg *)fork;
}

csip_client *csip_client_fork(csip_client *invite, uint64_t transaction, const char *to_tag) {
    return (csip_client *)nta_outgoing_tagged((nta_outgoing_t *)invite, csip_on_response, csip_magic(transaction),
                                              to_tag, NULL);
}

void csip_leg_refresh(csip_leg *leg, const csip_response *response, bool recompute) {
    sip_t const *sip = response->message;
    nta_leg_client_reroute(nta(leg), sip->sip_record_route, sip->sip_contact, recompute);
}

void csip_leg_retarget(csip_leg *leg, csip_server *request) {
    msg_t *message = nta_incoming_getrequest((nta_incoming_t *)request);
    sip_t const *sip = message != NULL ? sip_object(message) : NULL;
    if (sip != NULL && sip->sip_contact != NULL) nta_leg_server_route(nta(leg), NULL, sip->sip_contact);
    if (message != NULL) msg_destroy(message);
}

// Whether a parameter stands there twice: url_param takes the first, the stack the last.
static bool is_ambiguous(const char *parameters, const char *name) {
    size_t length = strlen(name), count = 0;
    for (const char *p = parameters; p != NULL && *p != '\0'; p += strcspn(p, ";"), p += *p == ';')
        if (strncasecmp(p, name, length) == 0 && (p[length] == '=' || p[length] == ';' || p[length] == '\0')) count++;
    return count > 1;
}

static bool is_port(const char *text) {
    if (text == NULL) return true;
    size_t digits = strspn(text, "0123456789");
    unsigned long port = strtoul(text, NULL, 10);
    return digits > 0 && digits <= 5 && text[digits] == '\0' && port > 0 && port <= 65535;
}

// Whether a URI can be sent to as it stands: by its address, on a transport that is bound and as secure as the trunk's.
static bool is_reachable(const url_t *url, bool is_secure) {
    const csip_agent *agent = csip_current;
    if (url == NULL || (url->url_type != url_sip && url->url_type != url_sips) || !is_port(url->url_port)) return false;
    if (is_ambiguous(url->url_params, "maddr") || is_ambiguous(url->url_params, "transport")) return false;
    char host[64], transport[8];
    isize_t length = url_param(url->url_params, "maddr", host, sizeof host);  // counts the NUL; RFC 3261 §19.1.1
    if (length > sizeof host) return false;
    const char *name = length > 0 ? host : url->url_host;
    if (name == NULL || !host_is_ip_address(name)) return false;
    unsigned families = agent->udp_families | agent->tcp_families;
    bool is_tls = url->url_type == url_sips;
    length = url_param(url->url_params, "transport", transport, sizeof transport);
    if (length > 0) {
        if (length > sizeof transport) return false;
        is_tls = is_tls || strcasecmp(transport, "tls") == 0;
        families = strcasecmp(transport, "udp") == 0   ? agent->udp_families
                   : strcasecmp(transport, "tcp") == 0 ? agent->tcp_families
                                                       : 0;
    }
    if (is_tls != is_secure) return false;
    if (is_tls) families = agent->tls_families;
    return (families & (strchr(name, ':') != NULL ? CSIP_V6 : CSIP_V4)) != 0;
}

// The target's address under the name of the trunk's peer, whose certificate is asked for: an address alone is seldom in one
// (RFC 5922 §7.2). `text` is the trunk's next hop if that has no name.
static const char *named(char *text, size_t size, const url_t *target, const char *next_hop) {
    const char *host = next_hop + strcspn(next_hop, ":") + 1;
    char name[256], maddr[64];
    snprintf(name, sizeof name, "%.*s", (int)(host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":;")), host);
    if (host_is_ip_address(name)) return NULL;
    const char *address = url_param(target->url_params, "maddr", maddr, sizeof maddr) > 0 ? maddr : target->url_host;
    const char *port = target->url_port != NULL && target->url_port[0] != '\0' ? target->url_port : "5061";
    if ((size_t)snprintf(text, size, "sip:%s:%s;maddr=%s;transport=tls", name, port, address) >= size) return next_hop;
    return text;
}

enum { HOP_BYTES = 384 };

// The trunk's address, where the dialog's own next hop is a name that this thread must not look up, or on a transport
// that is not bound: an ACK that cannot be sent would leave the callee alone. A trunk over TLS is left for nothing in clear.
// `text` of HOP_BYTES is where another one is written. False where the trunk's is a name too: nothing is known of it yet.
static bool find_hop(csip_leg *leg, const char *next_hop, char *text, url_string_t **found) {
    sip_route_t const *route = NULL;
    sip_contact_t const *target = NULL;
    nta_leg_get_route(nta(leg), &route, &target);
    url_t const *url = route != NULL ? route->r_url : target != NULL ? target->m_url : NULL;
    bool is_secure = csip_is_secure(next_hop);
    if (is_reachable(url, is_secure)) {
        *found = is_secure ? URL_STRING_MAKE(named(text, HOP_BYTES, url, next_hop)) : NULL;
        return true;
    }
    *found = URL_STRING_MAKE(next_hop);
    url_t own[1];
    size_t length = strlen(next_hop);
    if (length >= HOP_BYTES) return false;
    memcpy(text, next_hop, length + 1);
    return url_d(own, text) == 0 && is_reachable(own, is_secure);
}

csip_client *csip_leg_request(csip_leg *leg, uint64_t transaction, csip_method method, const char *next_hop,
                              const char *headers, const uint8_t *body, size_t body_length) {
    return csip_leg_request_typed(leg, transaction, method, next_hop, headers, NULL, body, body_length);
}

csip_client *csip_leg_request_typed(csip_leg *leg, uint64_t transaction, csip_method method, const char *next_hop,
                                    const char *headers, const char *type_name, const uint8_t *body,
                                    size_t body_length) {
    char text[HOP_BYTES];
    url_string_t *hop;
    if (!find_hop(leg, next_hop, text, &hop)) return NULL;
    csip_agent *agent = csip_current;
    su_home_t scratch[1] = {SU_HOME_INIT(scratch)};
    sip_content_type_t *type = content_type(agent, type_name, scratch);
    sip_payload_t storage[1];
    sip_payload_t *payload = csip_payload(storage, body, body_length);
    sip_method_t sofias = csip_method_to_sofia(method);
    bool refreshes_target = method == CSIP_INVITE || method == CSIP_UPDATE;
    sip_contact_t storage_of_contact[1];
    sip_contact_t *contact = refreshes_target ? csip_contact_towards(storage_of_contact, next_hop) : NULL;
    nta_outgoing_t *client = nta_outgoing_tcreate(
        nta(leg), csip_on_response, csip_magic(transaction), hop, sofias, sip_method_name(sofias, NULL), NULL,
        TAG_IF(contact != NULL, SIPTAG_CONTACT(contact)), TAG_IF(refreshes_target, SIPTAG_ALLOW(agent->allow)),
        TAG_IF(refreshes_target, SIPTAG_SUPPORTED(agent->supported)), SIPTAG_USER_AGENT(agent->user_agent),
        TAG_IF(headers != NULL, SIPTAG_HEADER_STR(headers)), CSIP_PAYLOAD_TAGS(type, payload), TAG_END());
    su_home_deinit(scratch);
    return (csip_client *)client;
}

csip_client *csip_leg_prack(csip_leg *leg, uint64_t transaction, const char *next_hop, uint32_t rseq, uint32_t cseq,
                            const char *headers) {
    char text[HOP_BYTES];
    url_string_t *hop;
    if (!find_hop(leg, next_hop, text, &hop)) return NULL;
    sip_rack_t rack[1];
    sip_rack_init(rack);
    rack->ra_response = rseq;
    rack->ra_cseq = cseq;
    rack->ra_method = sip_method_invite;
    rack->ra_method_name = "INVITE";
    return (csip_client *)nta_outgoing_tcreate(
        nta(leg), csip_on_response, csip_magic(transaction), hop, SIP_METHOD_PRACK, NULL,
        SIPTAG_RACK(rack), TAG_IF(headers != NULL, SIPTAG_HEADER_STR(headers)), TAG_END());
}

bool csip_leg_ack(csip_leg *leg, const char *next_hop, uint32_t cseq, const char *headers) {
    char text[HOP_BYTES];
    url_string_t *hop;
    if (!find_hop(leg, next_hop, text, &hop)) return false;
    sip_cseq_t sequence[1];
    sip_cseq_init(sequence);
    sequence->cs_seq = cseq;
    sequence->cs_method = sip_method_ack;
    sequence->cs_method_name = "ACK";
    nta_outgoing_t *ack = nta_outgoing_tcreate(nta(leg), NULL, NULL, hop, SIP_METHOD_ACK, NULL,
                                               SIPTAG_CSEQ(sequence),
                                               TAG_IF(headers != NULL, SIPTAG_HEADER_STR(headers)), TAG_END());
    if (ack == NULL) return false;
    // Destroyed for us; the stack keeps it for Timer D and repeats it for every retransmitted 2xx.
    nta_outgoing_destroy(ack);
    return true;
}

static int ignore_response(struct csip_id *magic, nta_outgoing_t *client, sip_t const *sip) {
    (void)magic;
    if (sip == NULL || sip->sip_status == NULL || sip->sip_status->st_status >= 200) nta_outgoing_destroy(client);
    return 0;
}

bool csip_client_has_response(const csip_client *invite) {
    return nta_outgoing_status((const nta_outgoing_t *)invite) >= 100;
}

bool csip_client_cancel(csip_client *invite, const char *headers) {
    if (!csip_client_has_response(invite)) return false;
    return nta_outgoing_tcancel((nta_outgoing_t *)invite, ignore_response, NULL,
                                TAG_IF(headers != NULL, SIPTAG_HEADER_STR(headers)), TAG_END()) != NULL;
}

void csip_client_destroy(csip_client *client) { nta_outgoing_destroy((nta_outgoing_t *)client); }

void csip_leg_destroy(csip_leg *leg) { nta_leg_destroy(nta(leg)); }
