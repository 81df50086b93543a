// The agent: event loop, transports, wake-ups, statistics.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sofia-sip/sofia_features.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

_Thread_local csip_agent *csip_current = NULL;

enum { UDP_BUFFER_BYTES = 8 << 20, MESSAGE_LIMIT_BYTES = 128 << 10 };

// What a message takes at once for its headers. A transaction keeps its messages for 64·T1, a dialog its own few headers
// for hours: were both cut from the same pages in small pieces, the dialogs would hold on to half-empty ones.
enum { MESSAGE_PRELOAD_BYTES = 2560 };

static int on_readable(csip_agent *agent, su_wait_t *wait, csip_agent *argument) {
    (void)wait, (void)argument;
    eventfd_t count;
    (void)eventfd_read(agent->wake_fd, &count);
    return 0;
}

static void quiet(void *stream, char const *format, va_list arguments) { (void)stream, (void)format, (void)arguments; }

static bool start_wake(csip_agent *agent) {
    agent->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (agent->wake_fd < 0) return false;
    su_wait_t wait[1] = {SU_WAIT_INIT};
    if (su_wait_create(wait, agent->wake_fd, SU_WAIT_IN) < 0) return false;
    agent->wake_index = su_root_register(agent->root, wait, on_readable, agent, su_pri_normal);
    return agent->wake_index >= 0;
}

static bool start_headers(csip_agent *agent, const csip_options *options) {
    agent->allow = sip_allow_make(agent->home, "INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, OPTIONS");
    agent->user_agent = sip_user_agent_make(agent->home, options->user_agent);
    agent->sdp = sip_content_type_make(agent->home, "application/sdp");
    agent->server = sip_server_make(agent->home, options->user_agent);
    agent->accept = sip_accept_make(agent->home, "application/sdp");
    // A 380's body may ask for an emergency call (TS 24.229 §5.1.3.1).
    agent->invite_accept = sip_accept_make(agent->home, "application/sdp, application/3gpp-ims+xml");
    agent->supported = sip_supported_make(agent->home, "100rel, timer");
    return agent->allow && agent->user_agent && agent->server && agent->sdp && agent->accept && agent->invite_accept
           && agent->supported;
}

csip_agent *csip_agent_create(const csip_handlers *handlers, const csip_options *options) {
    if (csip_current != NULL || su_init() < 0) return NULL;
    csip_clock_install();
    su_log_redirect(su_log_global, quiet, NULL);
    su_log_redirect(su_log_default, quiet, NULL);
    su_log_set_level(NULL, 0);

    csip_agent *agent = calloc(1, sizeof *agent);
    if (agent == NULL) return NULL;
    agent->handlers = *handlers;
    agent->wake_fd = -1;
    agent->stream_idle = options->stream_idle;
    agent->stream_stutter = options->stream_stutter;
    csip_connections_start(&agent->connections, options);
    su_home_init(agent->home);
    if (options->advertise != NULL && options->advertise[0] != '\0') {
        agent->has_advertise = true;
        snprintf(agent->advertise, sizeof agent->advertise, "%s", options->advertise);
    }
    csip_current = agent;
    csip_numeric_hosts_only = true;

    agent->root = su_root_create(agent);
    if (agent->root == NULL || !start_wake(agent) || !start_headers(agent, options)) goto failed;
    // NONE as URL: transports are bound one by one, so that each can say why it failed.
    agent->nta = nta_agent_create(
        agent->root, (url_string_t *)-1, csip_on_stray_message, agent,
        NTATAG_UA(1), NTATAG_PASS_100(1), NTATAG_PRELOAD(MESSAGE_PRELOAD_BYTES), NTATAG_UDP_MTU(65535),
        NTATAG_MAXSIZE(MESSAGE_LIMIT_BYTES),
        NTATAG_SIP_T1(options->t1), NTATAG_SIP_T2(options->t2), NTATAG_SIP_T1X64(options->timer_b),
        NTATAG_USE_NAPTR(0), NTATAG_USE_SRV(0), NTATAG_MERGE_482(1), NTATAG_CANCEL_2543(0), NTATAG_EXTRA_100(0),
        NTATAG_SERVER_RPORT(1), NTATAG_BLACKLIST(0), TAG_END());
    if (agent->nta == NULL) goto failed;
    return agent;

failed:
    csip_agent_destroy(agent);
    return NULL;
}

bool csip_streams_fit(const char *sofia) {
    static const char fitting[] = "sofia-sip-1.12.";
    return strncmp(sofia, fitting, sizeof fitting - 1) == 0;
}

const char *csip_listen_problem(int code) {
    return code == EPROTONOSUPPORT ? "TCP and TLS need Sofia-SIP 1.12 (libsofia-sip-ua0)" : strerror(code);
}

int csip_agent_listen(csip_agent *agent, const char *protocol, const char *host, uint16_t port) {
    char url[512], number[8] = "*";  // "*" asks Sofia for an ephemeral port
    bool is_tls = strcasecmp(protocol, "tls") == 0;
    if (is_tls && agent->tls == NULL) return EPROTO;
    if (strcasecmp(protocol, "udp") != 0 && !csip_streams_fit(sofia_sip_name_version)) return EPROTONOSUPPORT;
    bool is_v6 = strchr(host, ':') != NULL;
    const char *name = agent->has_advertise ? agent->advertise : host;
    bool name_is_v6 = strchr(name, ':') != NULL;
    if (port != 0) snprintf(number, sizeof number, "%u", port);
    // TLS is a transport of sips: for Sofia, and of no other scheme.
    snprintf(url, sizeof url, "%s:%s%s%s:%s;maddr=%s%s%s;transport=%s", is_tls ? "sips" : "sip", name_is_v6 ? "[" : "",
             name, name_is_v6 ? "]" : "", number, is_v6 ? "[" : "", host, is_v6 ? "]" : "", protocol);
    errno = 0;
    // Sofia's policy is none, because the connections' own context has one (tls.c).
    if (nta_agent_add_tport(agent->nta, URL_STRING_MAKE(url), TPTAG_SERVER(1), TPTAG_UDP_RMEM(UDP_BUFFER_BYTES),
                            TPTAG_UDP_WMEM(UDP_BUFFER_BYTES), TPTAG_QUEUESIZE(1024), TPTAG_IDLE(agent->stream_idle),
                            TPTAG_TIMEOUT(agent->stream_stutter),
                            TAG_IF(is_tls, TPTAG_TLS_VERIFY_POLICY(TPTLS_VERIFY_NONE)),
                            TAG_IF(is_tls, TPTAG_CERTIFICATE("/nonexistent")), TAG_END()) < 0)
        return errno != 0 ? errno : EADDRNOTAVAIL;
    bool is_udp = strcasecmp(protocol, "udp") == 0;
    *(is_udp ? &agent->udp_families : is_tls ? &agent->tls_families : &agent->tcp_families) |= is_v6 ? CSIP_V6 : CSIP_V4;
    for (sip_via_t const *via = nta_agent_via(agent->nta); via != NULL; via = via->v_next) {
        bool matches = strcasecmp(sip_via_transport(via), protocol) == 0;
        if (!matches) continue;
        uint16_t bound = via->v_port != NULL ? (uint16_t)strtoul(via->v_port, NULL, 10) : is_tls ? 5061 : 5060;
        *(is_udp ? &agent->udp_port : is_tls ? &agent->tls_port : &agent->tcp_port) = bound;
        snprintf(url, sizeof url, "<sip:%s:%u;transport=%s>", via->v_host, bound, is_udp ? "udp" : is_tls ? "tls" : "tcp");
        *(is_udp ? &agent->udp_contact : is_tls ? &agent->tls_contact : &agent->tcp_contact) =
            sip_contact_make(agent->home, url);
    }
    return 0;
}

uint16_t csip_agent_port(const csip_agent *agent, const char *protocol) {
    if (strcasecmp(protocol, "tls") == 0) return agent->tls_port;
    return strcasecmp(protocol, "udp") == 0 ? agent->udp_port : agent->tcp_port;
}

void csip_agent_step(csip_agent *agent, long milliseconds) {
    agent->turns++;
    su_root_step(agent->root, milliseconds);
    csip_connections_sweep(agent);
}

static size_t received(csip_agent *agent) {
    usize_t messages = 0;
    nta_agent_get_stats(agent->nta, NTATAG_S_RECV_MSG_REF(messages), TAG_END());
    return messages;
}

bool csip_agent_catch_up(csip_agent *agent, unsigned limit) {
    size_t before = received(agent);
    unsigned empty = 0;
    while (limit-- > 0) {
        csip_agent_step(agent, 0);
        size_t now = received(agent);
        // One alone may have been for a connection, or for what is no message yet.
        empty = now == before ? empty + 1 : 0;
        if (empty == 2) return true;
        before = now;
    }
    return false;
}

int csip_agent_waker(const csip_agent *agent) { return fcntl(agent->wake_fd, F_DUPFD_CLOEXEC, 0); }

void csip_wake(int waker) {
    int saved = errno;
    (void)eventfd_write(waker, 1);
    errno = saved;
}

void csip_agent_destroy(csip_agent *agent) {
    if (agent->nta != NULL) nta_agent_destroy(agent->nta);
    if (agent->root != NULL) {
        if (agent->wake_index > 0) su_root_deregister(agent->root, agent->wake_index);
        su_root_destroy(agent->root);
    }
    if (agent->wake_fd >= 0) close(agent->wake_fd);
    csip_connections_end(&agent->connections);
    if (agent->tls != NULL) csip_tls_free(agent->tls);
    su_home_deinit(agent->home);
    free(agent);
    csip_current = NULL;
    csip_numeric_hosts_only = false;
    su_deinit();
}

void csip_agent_statistics(csip_agent *agent, csip_statistics *statistics) {
    usize_t clients = 0, servers = 0, legs = 0, received = 0, bad = 0, requests = 0, responses = 0, sent = 0;
    nta_agent_get_stats(agent->nta, NTATAG_S_ORQ_HASH_USED_REF(clients), NTATAG_S_IRQ_HASH_USED_REF(servers),
                        NTATAG_S_LEG_HASH_USED_REF(legs), NTATAG_S_RECV_MSG_REF(received),
                        NTATAG_S_BAD_MESSAGE_REF(bad), NTATAG_S_RETRY_REQUEST_REF(requests),
                        NTATAG_S_RETRY_RESPONSE_REF(responses), NTATAG_S_SENT_MSG_REF(sent), TAG_END());
    *statistics = (csip_statistics){
        .client_transactions = clients, .server_transactions = servers, .dialogs = legs, .received_messages = received,
        .bad_messages = bad, .retransmitted_requests = requests, .retransmitted_responses = responses,
        .sent_messages = sent, .turns = agent->turns,
        .inbound_connections = agent->connections.inbound, .refused_connections = agent->connections.refused,
        .failed_handshakes = agent->connections.unshaken};
}
