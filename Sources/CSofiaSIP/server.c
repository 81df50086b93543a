// Requests we answer.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <string.h>

static nta_incoming_t *nta(csip_server *server) { return (nta_incoming_t *)server; }

// Codes of the registry that Sofia's table lacks, then the phrase of the class (RFC 3261 §8.1.3.2).
const char *csip_status_phrase(int status) {
    switch (status) {
    case 199: return "Early Dialog Terminated";
    case 204: return "No Notification";
    case 424: return "Bad Location Information";
    case 429: return "Provide Referrer Identity";
    case 430: return "Flow Failed";
    case 433: return "Anonymity Disallowed";
    case 440: return "Max-Breadth Exceeded";
    case 469: return "Bad Info Package";
    case 470: return "Consent Needed";
    case 555: return "Push Notification Service Not Supported";
    case 608: return "Rejected";
    default: break;
    }
    const char *phrase = sip_status_phrase(status);
    if (phrase != NULL && phrase[0] != '\0') return phrase;
    phrase = sip_status_phrase(status / 100 * 100);
    return phrase != NULL && phrase[0] != '\0' ? phrase : "Unknown";
}

// Requests that establish or change a dialog carry our Contact in their 18x and 2xx (RFC 3261 §12.1.1).
static bool wants_contact(csip_server *server, int status) {
    sip_method_t method = nta_incoming_method(nta(server));
    return status > 100 && status < 300 && (method == sip_method_invite || method == sip_method_update);
}

// Our Contact for the transport the request came by; a secure one if the request was (RFC 3261 §12.1.1).
static sip_contact_t *own_contact(sip_contact_t *storage, csip_server *server) {
    msg_t *message = nta_incoming_getrequest(nta(server));
    sip_t const *sip = message != NULL ? sip_object(message) : NULL;
    const char *transport = sip != NULL && sip->sip_via != NULL ? sip_via_transport(sip->sip_via) : "UDP";
    const char *towards = "transport=udp";
    if (transport != NULL && strcasecmp(transport, "TCP") == 0) towards = "transport=tcp";
    if (transport != NULL && strcasecmp(transport, "TLS") == 0) towards = "transport=tls";
    bool wants_sips = sip != NULL && sip->sip_request != NULL && sip->sip_request->rq_url->url_type == url_sips;
    if (message != NULL) msg_destroy(message);
    sip_contact_t *contact = csip_contact_towards(storage, towards);
    if (wants_sips && contact != NULL && csip_current->tls_contact != NULL) {
        // Its port is the TLS listener's, whichever way the request came; RFC 5630 §3.1.2 wants no transport=tls with it.
        *contact->m_url = *csip_current->tls_contact->m_url;
        contact->m_url->url_type = url_sips;
        contact->m_url->url_scheme = "sips";
        contact->m_url->url_params = NULL;
    }
    return contact;
}

static sip_to_t *with_tag(su_home_t *home, csip_server *server, const char *tag) {
    msg_t *message = nta_incoming_getrequest(nta(server));
    sip_t const *sip = message != NULL ? sip_object(message) : NULL;
    sip_to_t *to = sip != NULL && sip->sip_to != NULL ? sip_to_dup(home, sip->sip_to) : NULL;
    if (to != NULL) sip_to_tag(home, to, tag);
    if (message != NULL) msg_destroy(message);
    return to;
}

bool csip_server_reply(csip_server *server, int status, const char *phrase, const char *to_tag, const char *headers,
                       const uint8_t *body, size_t body_length) {
    csip_agent *agent = csip_current;
    sip_payload_t storage[1];
    sip_payload_t *payload = csip_payload(storage, body, body_length);
    sip_contact_t storage_of_contact[1];
    sip_contact_t *contact = wants_contact(server, status) ? own_contact(storage_of_contact, server) : NULL;
    bool describes = status >= 200 && status < 300 && nta_incoming_method(nta(server)) != sip_method_bye;
    su_home_t scratch[1] = {SU_HOME_INIT(scratch)};
    sip_to_t *to = to_tag != NULL ? with_tag(scratch, server, to_tag) : NULL;
    int result = nta_incoming_treply(
        nta(server), status, phrase != NULL ? phrase : csip_status_phrase(status), TAG_IF(to != NULL, SIPTAG_TO(to)),
        TAG_IF(contact != NULL, SIPTAG_CONTACT(contact)),
        TAG_IF(describes || contact != NULL, SIPTAG_SERVER(agent->server)), TAG_IF(describes || status == 405 || status == 501, SIPTAG_ALLOW(agent->allow)),
        TAG_IF(describes, SIPTAG_SUPPORTED(agent->supported)), TAG_IF(describes || status == 415, SIPTAG_ACCEPT(agent->accept)),
        TAG_IF(headers != NULL, SIPTAG_HEADER_STR(headers)), CSIP_PAYLOAD_TAGS(agent->sdp, payload), TAG_END());
    su_home_deinit(scratch);
    // A final response that the transport did not take is waited with, for as long as no timer runs; only the status tells.
    return result >= 0 && (status < 200 || nta_incoming_status(nta(server)) >= 200);
}

static int on_prack(struct csip_id *magic, nta_reliable_t *reliable, nta_incoming_t *prack, sip_t const *sip) {
    csip_agent *agent = csip_current;
    // Given up, because a final response overtook it or no PRACK came: it goes with the INVITE's transaction, and a late
    // PRACK still finds it.
    if (prack == NULL || sip == NULL) return 0;
    // Before the callback: what it sends next need not wait for this one.
    nta_reliable_destroy(reliable);
    if (agent != NULL) csip_call_on_prack(agent, csip_id_of(magic), prack, sip);
    if (nta_incoming_status(prack) < 200) nta_incoming_treply(prack, SIP_200_OK, TAG_END());
    nta_incoming_destroy(prack);
    return 0;
}

bool csip_server_reply_reliably(csip_server *server, uint64_t transaction, int status, const char *headers,
                                const uint8_t *body, size_t body_length) {
    csip_agent *agent = csip_current;
    sip_payload_t storage[1];
    sip_payload_t *payload = csip_payload(storage, body, body_length);
    sip_contact_t storage_of_contact[1];
    sip_contact_t *contact = own_contact(storage_of_contact, server);
    return nta_reliable_treply(nta(server), on_prack, csip_magic(transaction), status, csip_status_phrase(status),
                               TAG_IF(contact != NULL, SIPTAG_CONTACT(contact)), SIPTAG_SERVER(agent->server), SIPTAG_ALLOW(agent->allow), TAG_IF(headers != NULL, SIPTAG_HEADER_STR(headers)),
                               CSIP_PAYLOAD_TAGS(agent->sdp, payload), TAG_END()) != NULL;
}

csip_leg *csip_server_accept_dialog(csip_agent *agent, csip_server *server, uint64_t leg, const char *tag,
                                    const csip_request *request) {
    sip_t const *sip = request->message;
    // Our side is the request's To, the peer its From (RFC 3261 §12.1.1).
    nta_leg_t *called = nta_leg_tcreate(agent->nta, csip_on_request, csip_magic(leg), SIPTAG_CALL_ID(sip->sip_call_id),
                                        SIPTAG_FROM(sip->sip_to), SIPTAG_TO(sip->sip_from),
                                        NTATAG_REMOTE_CSEQ(sip->sip_cseq->cs_seq), TAG_END());
    if (called == NULL) return NULL;
    // The transaction's tag is the one its ACK is found by; it must be that of the dialog that is answered, whatever other
    // tags a forking peer's provisional responses carry.
    const char *own = nta_incoming_tag(nta(server), tag);
    if (own == NULL || nta_leg_tag(called, own) == NULL) {
        nta_leg_destroy(called);
        return NULL;
    }
    nta_leg_server_route(called, sip->sip_record_route, sip->sip_contact);
    return (csip_leg *)called;
}

int csip_server_status(const csip_server *server) { return nta_incoming_status((const nta_incoming_t *)server); }

// A header's value on the C library's heap.
static char *value_of(su_home_t *home, void const *header) {
    char const *text = header != NULL ? sip_header_as_string(home, (sip_header_t const *)header) : NULL;
    return text != NULL ? strdup(text) : NULL;
}

csip_names csip_server_names(csip_server *server) {
    csip_names names = {0};
    msg_t *message = nta_incoming_getrequest(nta(server));
    sip_t const *sip = message != NULL ? sip_object(message) : NULL;
    if (sip != NULL) {
        su_home_t scratch[1] = {SU_HOME_INIT(scratch)};
        names.call_id = value_of(scratch, sip->sip_call_id);
        names.from = value_of(scratch, sip->sip_from);
        names.to = value_of(scratch, sip->sip_to);
        su_home_deinit(scratch);
    }
    if (message != NULL) msg_destroy(message);
    return names;
}

void csip_server_destroy(csip_server *server) { nta_incoming_destroy(nta(server)); }
