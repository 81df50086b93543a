// From Sofia's message structures to the flat structs of the public header.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const struct { csip_method ours; sip_method_t sofias; } methods[] = {
    {CSIP_INVITE, sip_method_invite},       {CSIP_ACK, sip_method_ack},           {CSIP_CANCEL, sip_method_cancel},
    {CSIP_BYE, sip_method_bye},             {CSIP_OPTIONS, sip_method_options},   {CSIP_REGISTER, sip_method_register},
    {CSIP_INFO, sip_method_info},           {CSIP_PRACK, sip_method_prack},       {CSIP_UPDATE, sip_method_update},
    {CSIP_MESSAGE, sip_method_message},     {CSIP_SUBSCRIBE, sip_method_subscribe},
    {CSIP_NOTIFY, sip_method_notify},       {CSIP_REFER, sip_method_refer},       {CSIP_PUBLISH, sip_method_publish},
};

csip_method csip_method_from(sip_method_t method) {
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].sofias == method) return methods[i].ours;
    return CSIP_OTHER;
}

sip_method_t csip_method_to_sofia(csip_method method) {
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].ours == method) return methods[i].sofias;
    return sip_method_unknown;
}

bool csip_is_secure(const char *uri) { return uri != NULL && strcasestr(uri, "transport=tls") != NULL; }

sip_contact_t *csip_contact_towards(sip_contact_t *storage, const char *next_hop) {
    csip_agent *agent = csip_current;
    if (agent == NULL) return NULL;
    bool wants_tcp = next_hop != NULL && strcasestr(next_hop, "transport=tcp") != NULL;
    sip_contact_t const *chosen = csip_is_secure(next_hop) ? agent->tls_contact
                                  : wants_tcp              ? agent->tcp_contact
                                                           : agent->udp_contact;
    if (chosen == NULL) chosen = agent->udp_contact != NULL ? agent->udp_contact : agent->tcp_contact;
    if (chosen == NULL) chosen = agent->tls_contact;
    if (chosen == NULL) return NULL;
    sip_contact_init(storage);
    *storage->m_url = *chosen->m_url;
    return storage;
}

static size_t fill_reasons(csip_reason *reasons, const char **text, su_home_t *home, sip_t const *sip) {
    size_t count = 0;
    *text = NULL;
    for (sip_reason_t const *reason = sip->sip_reason; reason != NULL && count < CSIP_MAX_REASONS;
         reason = reason->re_next) {
        int cause = 0;
        if (reason->re_cause != NULL)
            for (const char *c = reason->re_cause; *c >= '0' && *c <= '9' && cause < 1000; c++)
                cause = cause * 10 + (*c - '0');
        reasons[count++] = (csip_reason){.protocol = reason->re_protocol, .cause = cause};
    }
    if (sip->sip_reason != NULL && home != NULL) {
        sip_reason_t first = *sip->sip_reason;
        first.re_next = NULL;
        *text = sip_header_as_string(home, (sip_header_t *)&first);
    }
    return count;
}

static void fill_challenges(csip_response *out, sip_auth_t const *field, bool is_proxy, su_home_t *home) {
    for (; field != NULL && out->challenge_count < CSIP_MAX_CHALLENGES; field = field->au_next) {
        sip_auth_t one = *field;
        one.au_next = NULL;
        const char *text = sip_header_as_string(home, (sip_header_t *)&one);
        if (text != NULL) out->challenges[out->challenge_count++] = (csip_challenge){.is_proxy = is_proxy, .text = text};
    }
}

static void fill_authentication(csip_response *out, sip_t const *sip, su_home_t *home) {
    if (out->status == 401) fill_challenges(out, sip->sip_www_authenticate, false, home);
    if (out->status == 407) fill_challenges(out, sip->sip_proxy_authenticate, true, home);
    if (sip->sip_authentication_info != NULL)
        out->authentication_info = sip_header_as_string(home, (sip_header_t *)sip->sip_authentication_info);
    if (sip->sip_proxy_authentication_info != NULL)
        out->proxy_authentication_info =
            sip_header_as_string(home, (sip_header_t *)sip->sip_proxy_authentication_info);
}

static bool lists(msg_param_t const *items, const char *name) {
    for (; items != NULL && *items != NULL; items++)
        if (strcasecmp(*items, name) == 0) return true;
    return false;
}

static const char *unknown_value(sip_t const *sip, const char *name) {
    for (sip_unknown_t const *header = sip->sip_unknown; header != NULL; header = header->un_next)
        if (header->un_name != NULL && strcasecmp(header->un_name, name) == 0) return header->un_value;
    return NULL;
}

// The values of all headers of that name as one list (RFC 3261 §7.3.1); NULL where there is none, or more than is looked at:
// half a list tells nothing.
static const char *unknown_values(sip_t const *sip, const char *name, su_home_t *home) {
    char list[CSIP_MAX_LIST_BYTES + 1];
    size_t length = 0;
    for (sip_unknown_t const *header = sip->sip_unknown; header != NULL; header = header->un_next) {
        if (header->un_name == NULL || header->un_value == NULL || strcasecmp(header->un_name, name) != 0) continue;
        int added = snprintf(list + length, sizeof list - length, "%s%s", length > 0 ? ", " : "", header->un_value);
        if (added < 0 || (size_t)added >= sizeof list - length) return NULL;
        length += (size_t)added;
    }
    return length > 0 ? su_strdup(home, list) : NULL;
}

static void fill_response(csip_response *out, nta_outgoing_t *client, sip_t const *sip, su_home_t *home) {
    *out = (csip_response){
        .method = csip_method_from(nta_outgoing_method(client)),
        .status = sip->sip_status->st_status,
        .phrase = sip->sip_status->st_phrase != NULL ? sip->sip_status->st_phrase : "",
        .is_internal = nta_sip_is_internal(sip) != 0,
        .to_tag = sip->sip_to != NULL ? sip->sip_to->a_tag : NULL,
        .cseq = sip->sip_cseq != NULL ? sip->sip_cseq->cs_seq : nta_outgoing_cseq(client),
        .message = sip,
    };
    if (sip->sip_payload != NULL && sip->sip_payload->pl_len > 0) {
        out->body = (const uint8_t *)sip->sip_payload->pl_data;
        out->body_length = sip->sip_payload->pl_len;
    }
    if (sip->sip_content_type != NULL) out->content_type = sip->sip_content_type->c_type;
    if (sip->sip_rseq != NULL) out->rseq = sip->sip_rseq->rs_response;
    if (sip->sip_require != NULL) out->requires_100rel = lists(sip->sip_require->k_items, "100rel");
    out->has_contact = sip->sip_contact != NULL;
    for (sip_contact_t const *c = sip->sip_contact; c != NULL && out->contact_count < CSIP_MAX_CONTACTS; c = c->m_next) {
        url_t const *url = c->m_url;
        out->contacts[out->contact_count++] = (csip_contact){
            .scheme = url->url_scheme, .user = url->url_user, .host = url->url_host, .port = url->url_port};
        bool is_urn = url->url_scheme != NULL && strcasecmp(url->url_scheme, "urn") == 0;
        if (is_urn && home != NULL) out->contacts[out->contact_count - 1].urn = url_as_string(home, url);
    }
    if (sip->sip_reason != NULL) out->reason_count = fill_reasons(out->reasons, &out->reason_text, home, sip);
    if (sip->sip_retry_after != NULL) out->retry_after = sip->sip_retry_after->af_delta;
    if (sip->sip_min_se != NULL) out->min_se = sip->sip_min_se->min_delta;
    if (sip->sip_session_expires != NULL) {
        out->session_expires = sip->sip_session_expires->x_delta;
        const char *refresher = sip->sip_session_expires->x_refresher;
        out->refresher_is_uac = refresher != NULL && strcasecmp(refresher, "uac") == 0;
    }
    out->allows_update = sip->sip_allow != NULL && lists(sip->sip_allow->k_items, "UPDATE");
    fill_authentication(out, sip, home);
    if (out->status > 100 && out->status < 200) out->early_media = unknown_value(sip, "P-Early-Media");
    out->session_id = unknown_value(sip, "Session-ID");
    if (out->status >= 300 && out->status < 400 && home != NULL) {
        out->history_info = unknown_values(sip, "History-Info", home);
        out->diversion = unknown_values(sip, "Diversion", home);
    }
}

int csip_on_response(struct csip_id *magic, nta_outgoing_t *client, sip_t const *sip) {
    csip_agent *agent = csip_current;
    if (agent == NULL || sip == NULL || sip->sip_status == NULL) return 0;
    csip_response response;
    su_home_t scratch[1] = {SU_HOME_INIT(scratch)};
    fill_response(&response, client, sip, scratch);
    agent->handlers.on_response(agent->handlers.context, csip_id_of(magic), (csip_client *)client, &response);
    su_home_deinit(scratch);
    return 0;
}

// Option tags of Require that the gateway does not implement (RFC 3261 §8.2.2.3).
static const char *unsupported_option(sip_t const *sip) {
    if (sip->sip_require == NULL) return NULL;
    for (msg_param_t const *item = sip->sip_require->k_items; item != NULL && *item != NULL; item++)
        if (strcasecmp(*item, "100rel") != 0 && strcasecmp(*item, "timer") != 0) return *item;
    return NULL;
}

void csip_print_address(char text[INET6_ADDRSTRLEN], su_sockaddr_t const *address) {
    text[0] = '\0';
    if (address->su_family == AF_INET) inet_ntop(AF_INET, &address->su_sin.sin_addr, text, INET6_ADDRSTRLEN);
    else if (address->su_family == AF_INET6) inet_ntop(AF_INET6, &address->su_sin6.sin6_addr, text, INET6_ADDRSTRLEN);
}

static void fill_source(csip_request *out, nta_incoming_t *server, su_home_t *home) {
    msg_t *message = nta_incoming_getrequest(server);
    if (message == NULL) return;
    su_sockaddr_t const *address = msg_addr(message);
    char text[INET6_ADDRSTRLEN];
    csip_print_address(text, address);
    out->source_port = ntohs(address->su_port);
    msg_destroy(message);
    const char *copy = su_strdup(home, text);
    if (copy != NULL) out->source_address = copy;
    tport_t *transport = nta_incoming_transport(csip_current->nta, server, NULL);
    out->is_secure = transport != NULL && tport_has_tls(transport);
    tport_unref(transport);
}

static bool supports(sip_t const *sip, const char *option) {
    return (sip->sip_supported != NULL && lists(sip->sip_supported->k_items, option))
           || (sip->sip_require != NULL && lists(sip->sip_require->k_items, option));
}

static csip_identity identity(const char *display, url_t const *url) {
    return (csip_identity){
        .display = display, .scheme = url->url_scheme, .user = url->url_user, .host = url->url_host};
}

// Sofia's parser of this header is no part of the set that a message is parsed with: its values come as unknown ones.
static void fill_asserted(csip_caller *out, sip_t const *sip, su_home_t *home) {
    for (sip_unknown_t const *header = sip->sip_unknown; header != NULL; header = header->un_next) {
        if (header->un_name == NULL || header->un_value == NULL) continue;
        if (strcasecmp(header->un_name, "P-Asserted-Identity") != 0) continue;
        for (sip_p_asserted_identity_t const *value = sip_p_asserted_identity_make(home, header->un_value);
             value != NULL && out->asserted_count < CSIP_MAX_IDENTITIES; value = value->paid_next)
            out->asserted[out->asserted_count++] = identity(value->paid_display, value->paid_url);
    }
}

static const char *called_user(sip_t const *sip, su_home_t *home) {
    const char *called = unknown_value(sip, "P-Called-Party-ID");
    sip_to_t const *party = called != NULL ? sip_to_make(home, called) : sip->sip_to;
    return party != NULL ? party->a_url->url_user : NULL;
}

static bool is_withheld(sip_t const *sip) {
    msg_param_t const *values = sip->sip_privacy != NULL ? sip->sip_privacy->priv_values : NULL;
    return lists(values, "id") || lists(values, "user") || lists(values, "header");
}

static void fill_caller(csip_caller *out, sip_t const *sip, su_home_t *home) {
    if (sip->sip_from != NULL) out->from = identity(sip->sip_from->a_display, sip->sip_from->a_url);
    fill_asserted(out, sip, home);
    out->is_withheld = is_withheld(sip);
    out->called_user = called_user(sip, home);
    out->charging_vector = unknown_value(sip, "P-Charging-Vector");
}

// What the message itself says; who it comes from only with a `home`. The source is the caller's to fill in.
static void fill_request(csip_request *out, sip_t const *sip, su_home_t *home) {
    *out = (csip_request){
        .method = csip_method_from(sip->sip_request->rq_method),
        .method_name = sip->sip_request->rq_method_name != NULL ? sip->sip_request->rq_method_name : "",
        .uri_scheme = sip->sip_request->rq_url->url_scheme,
        .uri_user = sip->sip_request->rq_url->url_user,
        .uri_host = sip->sip_request->rq_url->url_host,
        .call_id = sip->sip_call_id != NULL && sip->sip_call_id->i_id != NULL ? sip->sip_call_id->i_id : "",
        .from_tag = sip->sip_from != NULL ? sip->sip_from->a_tag : NULL,
        .to_tag = sip->sip_to != NULL ? sip->sip_to->a_tag : NULL,
        .from_user = sip->sip_from != NULL ? sip->sip_from->a_url->url_user : NULL,
        .from_host = sip->sip_from != NULL ? sip->sip_from->a_url->url_host : NULL,
        .unsupported_option = unsupported_option(sip),
        .supports_100rel = supports(sip, "100rel"),
        .supports_timer = supports(sip, "timer"),
        .allows_update = sip->sip_allow != NULL && lists(sip->sip_allow->k_items, "UPDATE"),
        .has_contact = sip->sip_contact != NULL,
        .is_psap_callback = sip->sip_priority != NULL && sip->sip_priority->g_string != NULL
                            && strcasecmp(sip->sip_priority->g_string, "psap-callback") == 0,
        .has_info_package = unknown_value(sip, "Info-Package") != NULL,
        .requires_100rel = sip->sip_require != NULL && lists(sip->sip_require->k_items, "100rel"),
        .source_address = "",
        .message = sip,
    };
    const char *transport = sip->sip_via != NULL ? sip_via_transport(sip->sip_via) : NULL;
    out->is_reliable_transport = transport != NULL && strcasecmp(transport, "UDP") != 0;
    if (sip->sip_payload != NULL && sip->sip_payload->pl_len > 0) {
        out->body = (const uint8_t *)sip->sip_payload->pl_data;
        out->body_length = sip->sip_payload->pl_len;
    }
    if (sip->sip_content_type != NULL) out->content_type = sip->sip_content_type->c_type;
    if (home != NULL) out->session_id = unknown_value(sip, "Session-ID");
    if (home != NULL && out->method == CSIP_INVITE && out->to_tag == NULL) fill_caller(&out->caller, sip, home);
    out->reason_count = fill_reasons(out->reasons, &out->reason_text, home, sip);
    if (sip->sip_min_se != NULL) out->min_se = sip->sip_min_se->min_delta;
    if (sip->sip_session_expires != NULL) {
        out->session_expires = sip->sip_session_expires->x_delta;
        const char *refresher = sip->sip_session_expires->x_refresher;
        out->refresher_is_uac = refresher != NULL && strcasecmp(refresher, "uac") == 0;
    }
}

int csip_on_request(struct csip_id *magic, nta_leg_t *leg, nta_incoming_t *server, sip_t const *sip) {
    (void)leg;
    csip_agent *agent = csip_current;
    if (agent == NULL || sip == NULL || sip->sip_request == NULL) return 500;
    if (sip->sip_request->rq_method == sip_method_ack) {
        // An ACK that matches no transaction is nobody's business (RFC 3261 §17.1.1.3: it gets no response).
        nta_incoming_destroy(server);
        return 0;
    }
    csip_request request;
    su_home_t scratch[1] = {SU_HOME_INIT(scratch)};
    fill_request(&request, sip, scratch);
    fill_source(&request, server, scratch);
    agent->handlers.on_request(agent->handlers.context, csip_id_of(magic), (csip_server *)server, &request);
    su_home_deinit(scratch);
    return 0;
}

static bool admits(csip_agent *agent, msg_t const *message, sip_t const *sip) {
    csip_request request;
    char source[INET6_ADDRSTRLEN];
    fill_request(&request, sip, NULL);
    csip_print_address(source, msg_addr((msg_t *)message));
    request.source_address = source;
    request.source_port = ntohs(msg_addr((msg_t *)message)->su_port);
    return agent->handlers.on_admission(agent->handlers.context, &request);
}

// What belongs to no transaction and no dialog. Processed statelessly until somebody wants it, so that a flood from
// strangers costs no transaction.
int csip_on_stray_message(csip_agent *agent, nta_agent_t *nta, msg_t *message, sip_t *sip) {
    bool is_request = sip != NULL && sip->sip_request != NULL && sip->sip_request->rq_method != sip_method_ack;
    if (!is_request || !admits(agent, message, sip)) {
        msg_destroy(message);
        return 0;
    }
    nta_incoming_t *server = nta_incoming_create(nta, NULL, message, sip, TAG_END());
    if (server == NULL) return 0;
    int status = csip_on_request(csip_magic(0), NULL, server, sip);
    if (status >= 300) {
        nta_incoming_treply(server, status, NULL, TAG_END());
        nta_incoming_destroy(server);
    }
    return 0;
}

static int on_ack_or_cancel(struct csip_id *magic, nta_incoming_t *server, sip_t const *sip) {
    csip_agent *agent = csip_current;
    if (agent == NULL) return 0;
    if (sip == NULL || sip->sip_request == NULL) {
        agent->handlers.on_acknowledged(agent->handlers.context, csip_id_of(magic), CSIP_OTHER, NULL);
        return 0;
    }
    csip_request request;
    su_home_t scratch[1] = {SU_HOME_INIT(scratch)};
    fill_request(&request, sip, scratch);
    fill_source(&request, server, scratch);
    agent->handlers.on_acknowledged(agent->handlers.context, csip_id_of(magic), request.method, &request);
    su_home_deinit(scratch);
    return 0;
}

void csip_call_on_prack(csip_agent *agent, uint64_t transaction, nta_incoming_t *prack, sip_t const *sip) {
    csip_request request;
    su_home_t scratch[1] = {SU_HOME_INIT(scratch)};
    fill_request(&request, sip, scratch);
    fill_source(&request, prack, scratch);
    agent->handlers.on_prack(agent->handlers.context, transaction, (csip_server *)prack, &request);
    su_home_deinit(scratch);
}

void csip_server_bind(csip_server *server, uint64_t transaction) {
    nta_incoming_bind((nta_incoming_t *)server, on_ack_or_cancel, csip_magic(transaction));
}
