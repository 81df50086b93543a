// REGISTER and what is answered to it.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <sofia-sip/url.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Our Contact with a user and a time; false where it does not fit, or there is none.
static bool print_contact(char *text, size_t size, const csip_registration *registration) {
    sip_contact_t storage[1];
    sip_contact_t const *ours = csip_contact_towards(storage, registration->next_hop);
    if (ours == NULL) return false;
    url_t url[1] = {*ours->m_url};
    url->url_user = registration->contact_user;
    char uri[512];
    issize_t length = url_e(uri, sizeof uri, url);
    if (length <= 0 || (size_t)length >= sizeof uri) return false;
    int printed = snprintf(text, size, "<%s>;expires=%u", uri, registration->expires);
    return printed > 0 && (size_t)printed < size;
}

csip_client *csip_register(csip_agent *agent, uint64_t transaction, const csip_registration *registration) {
    char contact[600];
    if (!print_contact(contact, sizeof contact, registration)) return NULL;
    // The stack builds requests of legs only. This one lives no longer than that takes: no request belongs to it.
    nta_leg_t *leg = nta_leg_tcreate(agent->nta, csip_on_request, csip_magic(0), SIPTAG_FROM_STR(registration->from),
                                     SIPTAG_TO_STR(registration->to), SIPTAG_CALL_ID_STR(registration->call_id),
                                     TAG_END());
    if (leg == NULL) return NULL;
    sip_cseq_t sequence[1];
    sip_cseq_init(sequence);
    sequence->cs_seq = registration->cseq;
    sequence->cs_method = sip_method_register;
    sequence->cs_method_name = "REGISTER";
    sip_expires_t expires[1];
    sip_expires_init(expires)->ex_delta = registration->expires;
    nta_outgoing_t *client = nta_outgoing_tcreate(
        leg, csip_on_response, csip_magic(transaction), URL_STRING_MAKE(registration->next_hop), SIP_METHOD_REGISTER,
        URL_STRING_MAKE(registration->request_uri), SIPTAG_CSEQ(sequence), SIPTAG_CONTACT_STR(contact),
        SIPTAG_EXPIRES(expires), TAG_IF(registration->route != NULL, SIPTAG_ROUTE_STR(registration->route)),
        SIPTAG_ALLOW(agent->allow), SIPTAG_SUPPORTED_STR("path"), SIPTAG_USER_AGENT(agent->user_agent),
        TAG_IF(registration->headers != NULL, SIPTAG_HEADER_STR(registration->headers)), TAG_END());
    nta_leg_destroy(leg);
    return (csip_client *)client;
}

static bool is_equal(const char *one, const char *other) {
    return strcasecmp(one != NULL ? one : "", other != NULL ? other : "") == 0;
}

static bool is_same(url_t const *one, url_t const *other) {
    return is_equal(one->url_host, other->url_host) && is_equal(one->url_user, other->url_user)
           && is_equal(one->url_port, other->url_port);
}

// The response's Contact that is ours: the one we have sent, or a single one, which something on the way has rewritten.
static sip_contact_t const *find_contact(const csip_client *client, sip_t const *sip) {
    if (sip->sip_contact == NULL || sip->sip_contact->m_next == NULL) return sip->sip_contact;
    msg_t *request = nta_outgoing_getrequest((nta_outgoing_t *)client);
    sip_t const *sent = request != NULL ? sip_object(request) : NULL;
    sip_contact_t const *found = NULL;
    if (sent != NULL && sent->sip_contact != NULL)
        for (found = sip->sip_contact; found != NULL; found = found->m_next)
            if (is_same(found->m_url, sent->sip_contact->m_url)) break;
    if (request != NULL) msg_destroy(request);
    return found;
}

enum { ROUTE_BYTES = 2048 };

// Nothing where it is longer than a network needs: half the way leads nowhere.
static char *print_routes(sip_route_t const *route, bool *is_too_long) {
    su_home_t home[1] = {SU_HOME_INIT(home)};
    char *text = NULL;
    size_t length = 0;
    for (; route != NULL; route = route->r_next) {
        sip_route_t one = *route;
        one.r_next = NULL;
        const char *value = sip_header_as_string(home, (sip_header_t *)&one);
        size_t more = value != NULL ? strlen(value) : 0;
        *is_too_long = length + more >= ROUTE_BYTES;
        char *longer = more > 0 && !*is_too_long ? realloc(text, length + more + 3) : NULL;
        if (longer == NULL) {
            free(text);
            text = NULL;
            break;
        }
        text = longer;
        length += (size_t)snprintf(text + length, more + 3, "%s%s", length > 0 ? ", " : "", value);
    }
    su_home_deinit(home);
    return text;
}

csip_binding csip_response_binding(const csip_client *client, const csip_response *response) {
    csip_binding out = {0};
    sip_t const *sip = response->message;
    if (sip->sip_min_expires != NULL) out.min_expires = (uint32_t)sip->sip_min_expires->me_delta;
    if (response->status < 200 || response->status >= 300) return out;
    sip_contact_t const *ours = find_contact(client, sip);
    if (ours != NULL && ours->m_expires != NULL) {
        unsigned long seconds = strtoul(ours->m_expires, NULL, 10);
        out.has_expires = true;
        out.expires = seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
    } else if (sip->sip_expires != NULL) {
        out.has_expires = true;
        out.expires = (uint32_t)sip->sip_expires->ex_delta;
    }
    out.service_route = print_routes(sip->sip_service_route, &out.is_service_route_too_long);
    return out;
}
