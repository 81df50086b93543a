// The C shim over Sofia-SIP's transaction engine (NTA). The only header Swift sees: opaque handles, flat structs that
// live for one callback, plain functions. No function here is thread-safe except csip_wake; everything else runs on
// the thread that created the agent.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "CSofiaTLS.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef struct csip_agent csip_agent;
/// One end of a dialog (nta_leg_t). One owner; csip_leg_destroy.
typedef struct csip_leg csip_leg;
/// A client transaction (nta_outgoing_t). One owner; csip_client_destroy.
typedef struct csip_client csip_client;
/// A server transaction (nta_incoming_t). One owner; csip_server_destroy.
typedef struct csip_server csip_server;

/// Methods, numbered as RFC 3261 and its extensions name them.
typedef enum csip_method {
    CSIP_OTHER = 0, CSIP_INVITE, CSIP_ACK, CSIP_CANCEL, CSIP_BYE, CSIP_OPTIONS, CSIP_REGISTER, CSIP_INFO, CSIP_PRACK,
    CSIP_UPDATE, CSIP_MESSAGE, CSIP_SUBSCRIBE, CSIP_NOTIFY, CSIP_REFER, CSIP_PUBLISH
} csip_method;

/// A Reason header value (RFC 3326).
typedef struct csip_reason {
    const char *_Nullable protocol;  ///< "Q.850", "SIP", …
    int cause;                       ///< 0 when it names none
} csip_reason;

enum { CSIP_MAX_REASONS = 4, CSIP_MAX_CONTACTS = 8, CSIP_MAX_CHALLENGES = 8, CSIP_MAX_LIST_BYTES = 2048 };

/// A Contact of a redirect (RFC 3261 §8.1.3.4).
typedef struct csip_contact {
    const char *_Nullable scheme, *_Nullable user, *_Nullable host, *_Nullable port;
    const char *_Nullable urn;       ///< the whole URI, where it is a URN
} csip_contact;

/// A WWW-Authenticate, or a Proxy-Authenticate (RFC 3261 §22).
typedef struct csip_challenge {
    bool is_proxy;
    const char *text;               ///< the header field's value
} csip_challenge;

/// A response to one of our requests. All pointers live until the callback returns.
typedef struct csip_response {
    csip_method method;             ///< of the request it answers
    int status;
    const char *phrase;
    bool is_internal;               ///< made by the stack: time-out (408) or transport failure (503)
    const char *_Nullable to_tag;
    uint32_t rseq;                  ///< RSeq of a reliable provisional response, else 0 (RFC 3262)
    bool requires_100rel;
    uint32_t cseq;
    const uint8_t *_Nullable body;
    size_t body_length;
    const char *_Nullable content_type;
    bool has_contact;
    csip_contact contacts[CSIP_MAX_CONTACTS];
    size_t contact_count;
    csip_reason reasons[CSIP_MAX_REASONS];
    size_t reason_count;
    const char *_Nullable reason_text;  ///< the Reason header as sent, first value
    uint32_t retry_after;           ///< seconds; 0 when absent
    uint32_t min_se;                ///< Min-SE, seconds; 0 when absent (RFC 4028)
    uint32_t session_expires;       ///< Session-Expires, seconds; 0 when absent
    bool refresher_is_uac;
    bool allows_update;             ///< UPDATE in Allow (RFC 3311)
    csip_challenge challenges[CSIP_MAX_CHALLENGES];  ///< of a 401 or 407
    size_t challenge_count;
    const char *_Nullable authentication_info, *_Nullable proxy_authentication_info;  ///< RFC 7615
    const char *_Nullable early_media;   ///< P-Early-Media of a provisional response (RFC 5009)
    const char *_Nullable session_id;    ///< Session-ID (RFC 7989)
    /// All values of History-Info (RFC 7044) and of Diversion (RFC 5806) of a redirection; NULL where they are longer than
    /// CSIP_MAX_LIST_BYTES.
    const char *_Nullable history_info, *_Nullable diversion;
    const void *message;            ///< for csip_leg_adopt and csip_leg_fork, within the callback only
} csip_response;

/// Who a name-addr or addr-spec names (RFC 3261 §20.10), as it was sent: `display` still has its quotes and escapes, `user`
/// its parameters.
typedef struct csip_identity {
    const char *_Nullable display, *_Nullable scheme, *_Nullable user, *_Nullable host;
} csip_identity;

/// A sip and a tel URI (RFC 3325 §9.1).
enum { CSIP_MAX_IDENTITIES = 2 };

/// What an INVITE outside any dialog says about its caller and its call; raw, and empty for every other request.
typedef struct csip_caller {
    csip_identity from;
    csip_identity asserted[CSIP_MAX_IDENTITIES];  ///< P-Asserted-Identity
    size_t asserted_count;
    bool is_withheld;               ///< Privacy: id, user or header (RFC 3323 §4.2, RFC 3325 §9.3)
    const char *_Nullable called_user;            ///< user of P-Called-Party-ID (RFC 7315 §4.2), else of To
    const char *_Nullable charging_vector;        ///< P-Charging-Vector (RFC 7315)
} csip_caller;

/// A request of the peer. All pointers live until the callback returns.
typedef struct csip_request {
    csip_method method;
    const char *method_name;
    const char *_Nullable uri_scheme, *_Nullable uri_user, *_Nullable uri_host;
    const char *call_id;
    const char *_Nullable from_tag, *_Nullable to_tag;
    const char *_Nullable from_user, *_Nullable from_host;
    const char *source_address;     ///< numeric
    uint16_t source_port;
    bool is_reliable_transport;
    bool is_secure;                 ///< it came over TLS
    const uint8_t *_Nullable body;
    size_t body_length;
    const char *_Nullable content_type;
    csip_reason reasons[CSIP_MAX_REASONS];
    size_t reason_count;
    const char *_Nullable reason_text;
    bool supports_100rel;           ///< Supported or Require: 100rel
    bool requires_100rel;           ///< Require: 100rel (RFC 3262 §3)
    bool supports_timer;            ///< Supported or Require: timer (RFC 4028)
    const char *_Nullable unsupported_option;  ///< first option tag of Require we do not know (RFC 3261 §8.2.2.3)
    uint32_t session_expires;
    uint32_t min_se;                ///< Min-SE, seconds; 0 when absent (RFC 4028)
    bool refresher_is_uac;
    bool allows_update;             ///< UPDATE in Allow (RFC 3311)
    bool has_contact;
    bool is_psap_callback;          ///< Priority: psap-callback (RFC 7090)
    bool has_info_package;          ///< an Info-Package header (RFC 6086)
    const char *_Nullable session_id;  ///< Session-ID (RFC 7989)
    csip_caller caller;
    const void *message;
} csip_request;

/// Callbacks, all on the agent's thread, from inside csip_agent_step.
typedef struct csip_handlers {
    void *_Nullable context;
    /// A response, or the stack's own 408/503, to the client transaction created with `transaction`.
    void (*on_response)(void *_Nullable context, uint64_t transaction, csip_client *client,
                        const csip_response *response);
    /// Whether a request outside any dialog is looked at; if not, it is dropped without a word and without a transaction.
    /// Called for retransmissions of a dropped request too. `reason_text` and `session_id` are not filled in.
    bool (*on_admission)(void *_Nullable context, const csip_request *request);
    /// A request inside the dialog of the leg created with `leg`, or outside any dialog (`leg` 0). The receiver owns
    /// `server` from now on. ACK and CANCEL that match a transaction come by on_acknowledged.
    void (*on_request)(void *_Nullable context, uint64_t leg, csip_server *server, const csip_request *request);
    /// ACK, CANCEL, or (method CSIP_OTHER) the time-out of a server transaction bound with `transaction`: no ACK for its
    /// final response, or no PRACK. The stack has answered a CANCEL 200 before and answers the INVITE 487 after the
    /// callback, unless the callback has. At a time-out the final response could not be sent if csip_server_status is still
    /// below 200; the stack then sends 500. A transaction that is destroyed in the callback of a time-out is gone at once: a
    /// final response that the callback has sent is not repeated, and its ACK finds nothing.
    void (*on_acknowledged)(void *_Nullable context, uint64_t transaction, csip_method method,
                            const csip_request *_Nullable request);
    /// The PRACK of a reliable response of the server transaction that was named when it was sent; also when a final
    /// response has overtaken it (RFC 3262 §3). `prack` is its transaction: answered 200 after the callback unless the
    /// callback has answered it, and never the receiver's to destroy.
    void (*on_prack)(void *_Nullable context, uint64_t transaction, csip_server *prack, const csip_request *request);
} csip_handlers;

/// How many connections over TCP and TLS may be open to us at once. One more is closed at once.
typedef struct csip_connection_limits {
    size_t all;
    size_t strangers;      ///< of all: those from addresses that csip_connection_known does not know
    size_t of_one_source;  ///< an IPv4 address, or a /64 of IPv6
} csip_connection_limits;

/// How an agent is set up. Times in milliseconds.
typedef struct csip_options {
    uint32_t t1, t2, timer_b;
    /// A connection without traffic and without a transaction is closed after this, also one that has never sent a byte; 100
    /// or more.
    uint32_t stream_idle;
    uint32_t stream_stutter;    ///< so is one that leaves a message half sent for this; 100 or more
    uint32_t stream_handshake;  ///< so is one whose TLS handshake takes longer; 100 or more
    csip_connection_limits connections;
    const char *user_agent;
    const char *_Nullable advertise;  ///< host for Via and Contact; NULL: the bound address
} csip_options;

/// Creates the event loop and the agent on the calling thread; NULL when memory or a resource is short.
csip_agent *_Nullable csip_agent_create(const csip_handlers *handlers, const csip_options *options);
/// Whether there can be connections, over TCP or TLS, with the Sofia-SIP of this name and version (sofia_sip_name_version): the
/// 1.12 series alone. Later ones count who uses a connection otherwise and give it up twice where that of Debian 12 never does,
/// and what stands in the place of their functions here (connections.c, tls.c) does neither.
bool csip_streams_fit(const char *sofia);
/// Binds a transport: `protocol` "udp", "tcp" or "tls", numeric `host`, `port` 0 for an ephemeral one. Returns 0, or errno;
/// EPROTONOSUPPORT where there can be no connections.
int csip_agent_listen(csip_agent *agent, const char *protocol, const char *host, uint16_t port);
/// What an errno of csip_agent_listen means, until the thread's next call.
const char *csip_listen_problem(int code);
/// Whether connections from `address`, which is numeric, are expected; the others are strangers'.
typedef bool csip_connection_known(void *_Nullable context, const char *address);
/// A connection from there was one too many.
typedef void csip_connection_refused(void *_Nullable context, const char *address);
/// Both are called on the agent's thread, with the context of its handlers. Without them all are strangers.
void csip_agent_on_connection(csip_agent *agent, csip_connection_known *known, csip_connection_refused *refused);
/// The port bound for `protocol`, 0 if none.
uint16_t csip_agent_port(const csip_agent *agent, const char *protocol);
/// Handles what is due and waits at most `milliseconds` for more.
void csip_agent_step(csip_agent *agent, long milliseconds);
/// Handles what has arrived, `limit` turns of the loop at most, each of which reads a message of each of some sockets. Whether
/// nothing was left then.
bool csip_agent_catch_up(csip_agent *agent, unsigned limit);
/// A descriptor for csip_wake, the caller's to close; it may outlive the agent. -1 and errno when there is none left.
int csip_agent_waker(const csip_agent *agent);
/// Makes csip_agent_step return. Any thread, async-signal-safe.
void csip_wake(int waker);
/// Destroys the agent with everything it still holds.
void csip_agent_destroy(csip_agent *agent);

typedef struct csip_statistics {
    size_t client_transactions, server_transactions, dialogs;  ///< alive now
    size_t received_messages, bad_messages, retransmitted_requests, retransmitted_responses, sent_messages;
    size_t turns;  ///< how often the loop has polled
    size_t inbound_connections;  ///< open now
    size_t refused_connections;  ///< since the start: those that were too many
    size_t failed_handshakes;    ///< since the start, of connections to us that spoke
} csip_statistics;
void csip_agent_statistics(csip_agent *agent, csip_statistics *statistics);

/// What an initial INVITE carries. Header values are complete and clean: the caller built them from validated parts.
typedef struct csip_invite {
    const char *request_uri;
    const char *next_hop;              ///< URI whose host is numeric: where the request is sent
    const char *from, *to;             ///< with the local tag in `from`, none in `to`
    const char *call_id;
    const char *_Nullable route;       ///< preloaded Route set
    const char *_Nullable headers;     ///< further header lines, LF between them
    const char *supported;             ///< option tags of Supported
    const char *_Nullable require;     ///< option tags of Require
    const uint8_t *_Nullable body;
    size_t body_length;
    const char *_Nullable content_type;  ///< of the body; NULL: application/sdp
    uint32_t min_se;                   ///< Min-SE and Session-Expires to ask for, seconds; 0: none
    uint32_t session_expires;
} csip_invite;

/// Creates the calling leg of an INVITE.
csip_leg *_Nullable csip_leg_create(csip_agent *agent, uint64_t leg, const csip_invite *invite);
/// Makes a calling leg that has no dialog yet answer to another id: a repeated INVITE keeps Call-ID and tag.
void csip_leg_rebind(csip_leg *leg, uint64_t id);
/// Sends the INVITE; its CSeq is the leg's next. NULL when the message cannot be built.
csip_client *_Nullable csip_leg_invite(csip_leg *leg, uint64_t transaction, const csip_invite *invite);
/// Makes `leg` the dialog of the response's To tag, with its route set and target (RFC 3261 §12.1.2).
bool csip_leg_adopt(csip_leg *leg, const csip_response *response);
/// A further dialog of a forked INVITE: a leg of its own and a client transaction that receives its responses.
csip_leg *_Nullable csip_leg_fork(csip_agent *agent, uint64_t leg, const csip_response *response);
csip_client *_Nullable csip_client_fork(csip_client *invite, uint64_t transaction, const char *to_tag);
/// Takes the route set and target of a later response of the same dialog; `recompute` for the 2xx (§13.2.2.4).
void csip_leg_refresh(csip_leg *leg, const csip_response *response, bool recompute);

/// Takes the target of a re-INVITE or UPDATE that is accepted (RFC 3261 §12.2.2); the route set stays.
void csip_leg_retarget(csip_leg *leg, csip_server *request);

/// A request inside a dialog. `next_hop` is used where the dialog's own next hop is a name instead of an address; NULL where
/// that is one too.
csip_client *_Nullable csip_leg_request(csip_leg *leg, uint64_t transaction, csip_method method,
                                        const char *next_hop, const char *_Nullable headers,
                                        const uint8_t *_Nullable body, size_t body_length);
/// The same with a body of another type than application/sdp.
csip_client *_Nullable csip_leg_request_typed(csip_leg *leg, uint64_t transaction, csip_method method,
                                              const char *next_hop, const char *_Nullable headers,
                                              const char *_Nullable content_type, const uint8_t *_Nullable body,
                                              size_t body_length);
/// PRACK for the provisional response `rseq` to the INVITE with `cseq` (RFC 3262 §7.2).
csip_client *_Nullable csip_leg_prack(csip_leg *leg, uint64_t transaction, const char *next_hop, uint32_t rseq,
                                      uint32_t cseq, const char *_Nullable headers);
/// ACK for a 2xx to the INVITE with `cseq`, repeated by the stack for each retransmitted 2xx (RFC 3261 §13.2.2.4). The
/// INVITE's client transaction must still exist.
bool csip_leg_ack(csip_leg *leg, const char *next_hop, uint32_t cseq, const char *_Nullable headers);
/// Whether any response to the INVITE has come; before that it may not be cancelled (RFC 3261 §9.1).
bool csip_client_has_response(const csip_client *invite);
/// CANCEL, for an INVITE that has a provisional response and no final one. Never earlier: the stack would keep the unsent
/// CANCEL where a response finds it, and a response to a request that was not sent fails one of its assertions.
bool csip_client_cancel(csip_client *invite, const char *_Nullable headers);
/// Forgets the transaction; the stack finishes it. Never for an INVITE without a final response.
void csip_client_destroy(csip_client *client);
void csip_leg_destroy(csip_leg *leg);

/// What a REGISTER carries (RFC 3261 §10.2); complete and clean header values.
typedef struct csip_registration {
    const char *request_uri;
    const char *next_hop;              ///< URI whose host is numeric: where the request is sent
    const char *from, *to;             ///< with the local tag in `from`
    const char *call_id;
    uint32_t cseq;                     ///< the caller counts: no dialog does
    const char *_Nullable route;       ///< preloaded Route set
    const char *contact_user;          ///< the user of our Contact
    uint32_t expires;                  ///< seconds; 0 takes the binding back
    const char *_Nullable headers;     ///< further header lines, LF between them
} csip_registration;
/// Sends a REGISTER; NULL when the message cannot be built. Nothing but the transaction is kept.
csip_client *_Nullable csip_register(csip_agent *agent, uint64_t transaction, const csip_registration *registration);

/// What the final response to a REGISTER says of our Contact.
typedef struct csip_binding {
    bool has_expires;
    uint32_t expires;                  ///< of our Contact, else of the response
    uint32_t min_expires;              ///< Min-Expires of a 423; 0 when absent
    char *_Nullable service_route;     ///< Service-Route (RFC 3608), the caller's to free
    bool is_service_route_too_long;    ///< there is one of 2 KiB or more; then service_route is NULL
} csip_binding;
/// Within the callback of that response.
csip_binding csip_response_binding(const csip_client *client, const csip_response *response);

/// A dialog as another process can go on with it: complete header values and numbers.
typedef struct csip_dialog {
    const char *call_id;
    const char *from, *to;          ///< with their tags; we are `from`
    const char *_Nullable routes;   ///< the route set, in the order in which it is sent
    const char *_Nullable target;   ///< the peer's Contact
    uint32_t local_cseq, remote_cseq;
} csip_dialog;
/// The leg's remote target and route set as csip_dialog has them; NULL where there is none. The caller frees them.
char *_Nullable csip_leg_target(csip_leg *leg);
char *_Nullable csip_leg_routes(csip_leg *leg);
/// The last CSeq numbers used in the dialog.
uint32_t csip_leg_local_cseq(csip_leg *leg);
uint32_t csip_leg_remote_cseq(csip_leg *leg);
/// Makes a leg of what another process has left. NULL when a value cannot be read, or there is no target.
csip_leg *_Nullable csip_leg_restore(csip_agent *agent, uint64_t leg, const csip_dialog *dialog);

/// Receives the server transaction's ACK, CANCEL and time-out under `transaction`.
void csip_server_bind(csip_server *server, uint64_t transaction);
/// Answers with `status`; false if it cannot be sent. `to_tag` overrides the transaction's own (a forking peer), `headers`
/// are further lines.
bool csip_server_reply(csip_server *server, int status, const char *_Nullable phrase, const char *_Nullable to_tag,
                       const char *_Nullable headers, const uint8_t *_Nullable body, size_t body_length);
/// A reliable provisional response, one at a time (RFC 3262 §3); its PRACK comes by on_prack under `transaction`, the absence
/// of one by on_acknowledged.
bool csip_server_reply_reliably(csip_server *server, uint64_t transaction, int status, const char *_Nullable headers,
                                const uint8_t *_Nullable body, size_t body_length);
/// The called leg of an INVITE's dialog. `tag` becomes our To tag, also of the responses (NULL: the stack makes one). Before
/// the first response.
csip_leg *_Nullable csip_server_accept_dialog(csip_agent *agent, csip_server *server, uint64_t leg,
                                              const char *_Nullable tag, const csip_request *request);
/// The last status that was sent; 0 before any.
int csip_server_status(const csip_server *server);
/// Call-ID, From and To of the transaction's request, as header values. The caller frees each; NULL where memory is short.
typedef struct csip_names {
    char *_Nullable call_id, *_Nullable from, *_Nullable to;
} csip_names;
csip_names csip_server_names(csip_server *server);
/// Forgets the transaction; the stack finishes it. Without a final response it sends 500 first.
void csip_server_destroy(csip_server *server);
/// The phrase that goes with `status` if the caller gives none; never empty.
const char *csip_status_phrase(int status);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
