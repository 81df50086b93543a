// Connections over TCP and TLS: how many there are, and how long one may do nothing.
//
// Sofia starts a connection's timer when it reads or writes: one that is accepted and never sends a byte would be kept for
// ever, and anybody could take every descriptor of the process. Nor does it count connections, notice a peer that has gone
// without a word, or end a TLS handshake or, over TLS, a message that stops half-way. Its steps that make and unmake a
// connection are defined here, found before its own, and pass the call on.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sofia-sip/tport.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "override.h"

// A peer that has gone without a word is noticed after IDLE + PROBES · INTERVAL, or by what it leaves unacknowledged.
enum { KEEPALIVE_IDLE_SECONDS = 30, KEEPALIVE_INTERVAL_SECONDS = 10, KEEPALIVE_PROBES = 3, UNACKNOWLEDGED_MS = 30000 };

enum { LEAST_SWEEP_MS = 20, MOST_SWEEP_MS = 1000 };

struct csip_connection {
    tport_t *transport;
    uint64_t source;  // whom it is counted for
    int64_t began;
    bool is_outgoing, is_counted, is_stranger, is_refused, is_shaking_hands;
};

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void keep_alive(int socket) {
    int on = 1, idle = KEEPALIVE_IDLE_SECONDS, interval = KEEPALIVE_INTERVAL_SECONDS, probes = KEEPALIVE_PROBES;
    unsigned unacknowledged = UNACKNOWLEDGED_MS;
    // Without them it is noticed later.
    (void)setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged, sizeof unacknowledged);
}

// Nothing is read from it or written to it any more; the stack closes it in its next turn.
static void refuse(int socket) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    (void)shutdown(socket, SHUT_RDWR);
}

// An IPv4 address, or the network of an IPv6 one: who has one address of a /64 has them all.
static uint64_t source_of(const su_sockaddr_t *address) {
    uint64_t source = 0;
    if (address->su_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(&address->su_sin6.sin6_addr)) {
        memcpy(&source, &address->su_sin6.sin6_addr, sizeof source);
    } else {
        uint32_t host = 0;
        if (address->su_family == AF_INET6) memcpy(&host, address->su_sin6.sin6_addr.s6_addr + 12, sizeof host);
        else memcpy(&host, &address->su_sin.sin_addr, sizeof host);
        source = host;
    }
    return source;
}

static bool is_room(const csip_connections *all, const csip_connection *one) {
    if (all->inbound >= all->limits.all) return false;
    if (one->is_stranger && all->strangers >= all->limits.strangers) return false;
    size_t same = 0;
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].is_counted && all->list[i].source == one->source) same++;
    return same < all->limits.of_one_source;
}

static csip_connection *find(csip_connections *all, const tport_t *transport) {
    for (size_t i = 0; i < all->count; i++)
        if (all->list[i].transport == transport) return &all->list[i];
    return NULL;
}

static csip_connection *add(csip_connections *all) {
    if (all->count == all->capacity) {
        size_t capacity = all->capacity > 0 ? 2 * all->capacity : 64;
        csip_connection *longer = realloc(all->list, capacity * sizeof *longer);
        if (longer == NULL) return NULL;
        all->list = longer;
        all->capacity = capacity;
    }
    return &all->list[all->count++];
}

static void forget(csip_connections *all, const tport_t *transport) {
    csip_connection *one = find(all, transport);
    if (one == NULL) return;
    if (one->is_counted) all->inbound--;
    if (one->is_counted && one->is_stranger) all->strangers--;
    *one = all->list[--all->count];
}

static void opened(csip_agent *agent, tport_t *transport, int socket, bool is_outgoing) {
    csip_connections *all = &agent->connections;
    forget(all, transport);
    keep_alive(socket);
    csip_connection one = {.transport = transport, .began = milliseconds(), .is_outgoing = is_outgoing,
                           .is_shaking_hands = tport_has_tls(transport)};
    if (!is_outgoing) {
        su_sockaddr_t address[1] = {0};
        socklen_t length = sizeof *address;
        char text[INET6_ADDRSTRLEN] = "";
        if (getpeername(socket, &address->su_sa, &length) == 0) csip_print_address(text, address);
        one.source = source_of(address);
        one.is_stranger = agent->on_connection == NULL || !agent->on_connection(agent->handlers.context, text);
        one.is_refused = !is_room(all, &one);
        one.is_counted = !one.is_refused;
        if (one.is_refused) {
            all->refused++;
            refuse(socket);
            if (agent->on_refusal != NULL) agent->on_refusal(agent->handlers.context, text);
        }
    }
    csip_connection *kept = add(all);
    if (kept == NULL) {
        // What cannot be watched is not wanted; one of ours is looked after by who waits for it.
        if (!is_outgoing) refuse(socket);
        return;
    }
    *kept = one;
    all->inbound += one.is_counted;
    all->strangers += one.is_counted && one.is_stranger;
}

// Sofia's own steps (tport_internal.h there).
struct tport_primary;
tport_t *tport_alloc_secondary(struct tport_primary *primary, int socket, int accepted, char const **reason);
int tport_register_secondary(tport_t *transport, su_wakeup_f wakeup, int events);
void tport_zap_secondary(tport_t *transport);
int tport_set_secondary_timer(tport_t *transport);
void tport_recv_timeout_timer(tport_t *transport, su_time_t now);
struct tport_compressor;
void tport_deliver(tport_t *transport, msg_t *message, msg_t *next, struct tport_compressor *compressor, su_time_t now);

OVERRIDE tport_t *tport_alloc_secondary(struct tport_primary *primary, int socket, int accepted, char const **reason) {
    tport_t *transport = NEXT(tport_alloc_secondary)(primary, socket, accepted, reason);
    if (transport != NULL && csip_current != NULL) opened(csip_current, transport, socket, !accepted);
    return transport;
}

OVERRIDE int tport_register_secondary(tport_t *transport, su_wakeup_f wakeup, int events) {
    int result = NEXT(tport_register_secondary)(transport, wakeup, events);
    if (result == -1 || csip_current == NULL) return result;
    csip_connection *one = find(&csip_current->connections, transport);
    // One of ours has something to send, which starts its timer.
    if (one != NULL && !one->is_outgoing) tport_set_secondary_timer(transport);
    return result;
}

OVERRIDE void tport_zap_secondary(tport_t *transport) {
    if (csip_current != NULL) forget(&csip_current->connections, transport);
    NEXT(tport_zap_secondary)(transport);
}

// Sofia's timer hands on a message that has stopped half-way, for its answer, while the connection still has it: where the
// answer cannot be written the connection ends and frees the message, and so does who answers. Here it is handed on once the
// timer has let go of it.
static _Thread_local struct {
    tport_t *transport;
    msg_t *message;
} given_up;

OVERRIDE void tport_deliver(tport_t *transport, msg_t *message, msg_t *next, struct tport_compressor *compressor,
                            su_time_t now) {
    if (transport == given_up.transport && transport != NULL) given_up.message = message;
    else NEXT(tport_deliver)(transport, message, next, compressor, now);
}

OVERRIDE void tport_recv_timeout_timer(tport_t *transport, su_time_t now) {
    given_up.transport = transport;
    given_up.message = NULL;
    NEXT(tport_recv_timeout_timer)(transport, now);
    given_up.transport = NULL;
    if (given_up.message != NULL) NEXT(tport_deliver)(transport, given_up.message, NULL, NULL, now);
}

void csip_connection_closed(csip_agent *agent, tport_t *transport) { forget(&agent->connections, transport); }

void csip_connection_has_shaken_hands(csip_agent *agent, tport_t *transport) {
    csip_connection *one = find(&agent->connections, transport);
    if (one != NULL) one->is_shaking_hands = false;
}

bool csip_connection_is_refused(csip_agent *agent, tport_t *transport) {
    csip_connection *one = find(&agent->connections, transport);
    return one != NULL && one->is_refused;
}

void csip_connections_start(csip_connections *all, const csip_options *options) {
    all->limits = options->connections;
    all->handshake = options->stream_handshake;
    uint32_t shortest = options->stream_stutter < options->stream_handshake ? options->stream_stutter
                                                                            : options->stream_handshake;
    uint32_t interval = shortest / 8;
    all->sweep = interval < LEAST_SWEEP_MS ? LEAST_SWEEP_MS : interval > MOST_SWEEP_MS ? MOST_SWEEP_MS : interval;
}

// Over TCP the stack's timer does it; it has none for TLS.
void csip_connections_sweep(csip_agent *agent) {
    csip_connections *all = &agent->connections;
    if (all->count == 0) return;
    int64_t now = milliseconds();
    if (now < all->swept + all->sweep) return;
    all->swept = now;
    for (size_t i = all->count; i-- > 0;) {
        // What is told of one that closes may close others.
        if (i >= all->count) continue;
        csip_connection one = all->list[i];
        if (!tport_has_tls(one.transport)) continue;
        if (!one.is_shaking_hands) tport_recv_timeout_timer(one.transport, su_now());
        else if (now - one.began >= all->handshake) csip_tls_give_up(agent, one.transport, one.is_outgoing);
        else continue;
        tport_set_secondary_timer(one.transport);
    }
}

void csip_connections_end(csip_connections *all) {
    free(all->list);
    *all = (csip_connections){0};
}

void csip_agent_on_connection(csip_agent *agent, csip_connection_known *known, csip_connection_refused *refused) {
    agent->on_connection = known;
    agent->on_refusal = refused;
}
