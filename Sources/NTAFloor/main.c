// What the SIP part of a complete call costs with nothing around it: INVITE with an offer, 180, 200, ACK, BYE, 200 on
// Sofia's transaction layer (NTA), in C, against the benchmark's own user agent server. The gateway cannot cost less.
//
// It sends the headers that the gateway sends and sets the agent up alike, so that the difference is the gateway's own.
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sofia-sip/nta.h>
#include <sofia-sip/nta_tag.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/sip_status.h>
#include <sofia-sip/sip_tag.h>
#include <sofia-sip/su_wait.h>

enum {
    most_calls = 1024,
    largest_offer = 65536,
    warm_up_ms = 500,
    drain_ms = 5000,
    step_ms = 10,
};

typedef struct floor_program floor_program;

typedef struct {
    floor_program *program;
    nta_leg_t *leg;
    nta_outgoing_t *invite;
    nta_outgoing_t *bye;
    bool rang, answered;
} call;

struct floor_program {
    su_root_t *root;
    nta_agent_t *agent;
    sip_contact_t *contact;
    unsigned peer_port;
    char offer[largest_offer];
    uint64_t begun;
    unsigned active;
    uint64_t completed, failed;
    bool stopping;
    call calls[most_calls];
};

static double seconds_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void begin(call *self);

static void end(call *self, bool complete) {
    floor_program *program = self->program;
    if (self->bye) nta_outgoing_destroy(self->bye);
    if (self->invite) nta_outgoing_destroy(self->invite);
    if (self->leg) nta_leg_destroy(self->leg);
    *self = (call){.program = program};
    program->active--;
    if (complete) program->completed++;
    else program->failed++;
    if (!program->stopping) begin(self);
}

static int on_bye_response(nta_outgoing_magic_t *magic, nta_outgoing_t *request, const sip_t *sip) {
    (void)sip;
    call *self = (call *)magic;
    int status = nta_outgoing_status(request);
    if (status >= 200) end(self, self->rang && status < 300);
    return 0;
}

static int on_invite_response(nta_outgoing_magic_t *magic, nta_outgoing_t *request, const sip_t *sip) {
    call *self = (call *)magic;
    int status = nta_outgoing_status(request);
    if (status < 200) {
        self->rang |= status == 180;
        return 0;
    }
    if (self->answered) return 0; // a 200 sent again; this program measures a path without loss
    if (status >= 300 || !sip || !sip->sip_to || !sip->sip_contact || !sip->sip_cseq || !sip->sip_payload) {
        end(self, false);
        return 0;
    }
    self->answered = true;
    nta_leg_rtag(self->leg, sip->sip_to->a_tag);
    nta_leg_client_route(self->leg, sip->sip_record_route, sip->sip_contact);

    su_home_t home[1] = {SU_HOME_INIT(home)};
    sip_cseq_t *cseq = sip_cseq_create(home, sip->sip_cseq->cs_seq, SIP_METHOD_ACK);
    nta_outgoing_t *ack = nta_outgoing_tcreate(self->leg, NULL, NULL, NULL, SIP_METHOD_ACK, NULL, SIPTAG_CSEQ(cseq),
                                               TAG_END());
    su_home_deinit(home);
    if (ack) nta_outgoing_destroy(ack);

    self->bye = nta_outgoing_tcreate(self->leg, on_bye_response, (nta_outgoing_magic_t *)self, NULL, SIP_METHOD_BYE,
                                     NULL, SIPTAG_REASON_STR("Q.850;cause=16"), TAG_END());
    if (!ack || !self->bye) end(self, false);
    return 0;
}

static int on_request(nta_leg_magic_t *magic, nta_leg_t *leg, nta_incoming_t *incoming, const sip_t *sip) {
    (void)magic, (void)leg, (void)incoming, (void)sip;
    return 501;
}

static void begin(call *self) {
    floor_program *program = self->program;
    uint64_t number = ++program->begun;
    program->active++;
    char uri[96], to[128], from[128], call_id[64], identity[128], charging[96], session[96];
    snprintf(uri, sizeof uri, "sip:+1%012" PRIu64 "@127.0.0.1:%u;user=phone", number, program->peer_port);
    snprintf(to, sizeof to, "<%s>", uri);
    snprintf(from, sizeof from, "<sip:+1708585%06" PRIu64 "@127.0.0.1;user=phone>;tag=f%012" PRIu64, number % 2000,
             number);
    snprintf(call_id, sizeof call_id, "%016" PRIx64 "%016" PRIx64, number, number * UINT64_C(0x9E3779B97F4A7C15));
    snprintf(identity, sizeof identity, "P-Asserted-Identity: <sip:+1708585%06" PRIu64 "@127.0.0.1;user=phone>",
             number % 2000);
    snprintf(charging, sizeof charging, "P-Charging-Vector: icid-value=%032" PRIx64 ";orig-ioi=127.0.0.1", number);
    snprintf(session, sizeof session, "Session-ID: %032" PRIx64 ";remote=00000000000000000000000000000000", number);

    self->leg = nta_leg_tcreate(program->agent, on_request, (nta_leg_magic_t *)self, SIPTAG_CALL_ID_STR(call_id),
                                SIPTAG_FROM_STR(from), SIPTAG_TO_STR(to), TAG_END());
    if (self->leg) {
        self->invite = nta_outgoing_tcreate(
            self->leg, on_invite_response, (nta_outgoing_magic_t *)self, NULL, SIP_METHOD_INVITE, URL_STRING_MAKE(uri),
            SIPTAG_CONTACT(program->contact), SIPTAG_SUPPORTED_STR("100rel, timer"),
            SIPTAG_ALLOW_STR("INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, OPTIONS"), SIPTAG_USER_AGENT_STR("floor"),
            SIPTAG_ACCEPT_STR("application/sdp"),
            SIPTAG_HEADER_STR(identity), SIPTAG_HEADER_STR(charging), SIPTAG_HEADER_STR(session),
            SIPTAG_HEADER_STR("P-Early-Media: supported"), SIPTAG_CONTENT_TYPE_STR("application/sdp"),
            SIPTAG_PAYLOAD_STR(program->offer), TAG_END());
    }
    if (!self->invite) {
        program->stopping = true; // out of memory or of a transport: starting more helps nobody
        end(self, false);
    }
}

static bool read_offer(floor_program *program, const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    size_t length = fread(program->offer, 1, sizeof program->offer - 1, file);
    program->offer[length] = 0;
    fclose(file);
    return length > 0;
}

static long number_in(const char *text, long low, long high) {
    char *rest = NULL;
    errno = 0;
    long value = strtol(text, &rest, 10);
    return errno == 0 && rest != text && *rest == 0 && value >= low && value <= high ? value : -1;
}

int main(int count, char *arguments[]) {
    static floor_program program;
    long peer = -1, concurrency = 32, seconds = 5;
    const char *offer = NULL;
    for (int i = 1; i + 1 < count; i += 2) {
        const char *name = arguments[i], *value = arguments[i + 1];
        if (strcmp(name, "--peer") == 0) peer = number_in(value, 1, 65535);
        else if (strcmp(name, "--concurrency") == 0) concurrency = number_in(value, 1, most_calls);
        else if (strcmp(name, "--seconds") == 0) seconds = number_in(value, 1, 3600);
        else if (strcmp(name, "--offer") == 0) offer = value;
        else peer = -1;
    }
    if (count % 2 == 0 || peer < 0 || concurrency < 0 || seconds < 0 || !offer || !read_offer(&program, offer)) {
        fprintf(stderr, "usage: NTAFloor --peer PORT --offer FILE [--concurrency 1..%d] [--seconds 1..3600]\n",
                most_calls);
        return 2;
    }
    program.peer_port = (unsigned)peer;

    su_init();
    program.root = su_root_create(NULL);
    program.agent = nta_agent_create(program.root, URL_STRING_MAKE("sip:127.0.0.1:*;transport=udp"), NULL, NULL,
                                     NTATAG_UA(1), NTATAG_PASS_100(1), NTATAG_UDP_MTU(65535), NTATAG_USE_NAPTR(0),
                                     NTATAG_USE_SRV(0), NTATAG_MERGE_482(1), NTATAG_CANCEL_2543(0),
                                     NTATAG_EXTRA_100(0), NTATAG_SERVER_RPORT(1), NTATAG_BLACKLIST(0), TAG_END());
    if (!program.root || !program.agent) {
        fprintf(stderr, "NTAFloor: no SIP agent on 127.0.0.1\n");
        return 1;
    }
    program.contact = nta_agent_contact(program.agent);

    double start = seconds_of(CLOCK_MONOTONIC), warm = start + warm_up_ms / 1e3;
    for (long i = 0; i < concurrency; i++) {
        program.calls[i].program = &program;
        begin(&program.calls[i]);
    }
    while (seconds_of(CLOCK_MONOTONIC) < warm) su_root_step(program.root, step_ms);

    uint64_t completed_before = program.completed;
    double cpu_before = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    double measured = seconds_of(CLOCK_MONOTONIC), stop = measured + (double)seconds;
    while (!program.stopping && seconds_of(CLOCK_MONOTONIC) < stop) su_root_step(program.root, step_ms);
    double elapsed = seconds_of(CLOCK_MONOTONIC) - measured;
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu_before;
    uint64_t completed = program.completed - completed_before;

    program.stopping = true;
    double deadline = seconds_of(CLOCK_MONOTONIC) + drain_ms / 1e3;
    while (program.active > 0 && seconds_of(CLOCK_MONOTONIC) < deadline) su_root_step(program.root, step_ms);
    uint64_t failed = program.failed + program.active;

    printf("calls=%" PRIu64 " failed=%" PRIu64 " seconds=%.3f cpu_us_per_call=%.2f\n", completed, failed, elapsed,
           completed > 0 ? cpu * 1e6 / (double)completed : 0.0);
    // The agent keeps finished INVITE transactions for 32 s; the process ends with them.
    return completed > 0 ? 0 : 1;
}
