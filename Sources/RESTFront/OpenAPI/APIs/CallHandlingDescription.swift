import CallCore

/// Call handling, as the description tells it: every difference between the dialects comes from their table.
struct CallHandlingDescription {
    let dialect: Dialect
    /// Whether the server has a registrar, without which no mount asks for a registration.
    let hasRegistrar: Bool

    var description: APIDescription {
        APIDescription(
            name: "call handling",
            text: "Voice and video calls: create one, follow it, change it, end it.",
            suffix: suffix, operations: [create, read, update(isStatusPath: false), update(isStatusPath: true), end],
            schemas: schemas)
    }

    var suffix: String { "call-handling-\(dialect.name)" }

    /// A component's full name.
    func named(_ name: String) -> String { "\(name)-\(suffix)" }

    private var identifier: DocumentTree {
        Parameters.identifier("mediaSessionId", "The session, as the answer to its POST or its invitation named it.")
    }

    private var registrationHeader: DocumentTree {
        let isRequired = dialect.requiresRegistration && hasRegistrar
        return [
            "name": "registrationId", "in": "header", "required": .boolean(isRequired),
            "description": .text(
                hasRegistrar
                    ? "A live registration of the caller, with whose device the call is made."
                    : "Accepted and not used: this server has no registration API."),
            // Where it may be missing an empty one counts as missing.
            "schema": isRequired ? Parameters.identifierSchema : ["type": "string"],
        ]
    }

    /// On an operation of one session.
    private var deviceHeader: DocumentTree {
        [
            "name": "registrationId", "in": "header", "required": false,
            "description": .text(
                hasRegistrar
                    ? "The device that asks: a live registration of the caller, or the session's own. A session of "
                        + "another device is then not found."
                    : "Accepted and not used: this server has no registration API."),
            "schema": ["type": "string"],
        ]
    }

    private var session: DocumentTree { Schemas.reference(named("Session")) }

    private var create: OperationDescription {
        OperationDescription(
            method: .post, path: "/sessions", id: "createSession", summary: "Make a call",
            text: """
                Sends the call into the network and answers as soon as the network has: with the session, or with the \
                error its refusal comes to. What happens later is told by events, and by reading the session.
                \(dialect.requiresOffer
                    ? "The offer must be there."
                    : "Without an offer the call waits for one to come by PUT.")

                An emergency call, by its `callType` or by its receiver, goes to the trunks for those, whatever else is \
                wrong with the body but the SDP; where there are none it is answered 501 before anything else is looked at.
                """,
            scopes: [Scope.create.rawValue], parameters: [registrationHeader],
            body: .init(
                schema: named("SessionCreation"), examples: [.init(name: "call", summary: "A call", value: creation)],
                isAnyMediaType: dialect.acceptsAnyContentType),
            successes: [
                .init(
                    status: 201, text: "The session, with the status it has reached.", schema: session,
                    examples: [.init(name: "ringing", summary: "It rings", value: representation(.ringing))],
                    link: .init(
                        identifier: "mediaSessionId",
                        operations: ["getSession", "updateSession", "updateSessionStatus", "deleteSession"]))
            ],
            errors: [
                .outOfRange, .invalidTokenContext, .identifierNotFound, .aborted, .serviceNotApplicable, .quotaExceeded,
                .emergencyNotSupported, .badGateway, .timeout,
            ])
    }

    private var read: OperationDescription {
        OperationDescription(
            method: .get, path: "/sessions/{mediaSessionId}", id: "getSession", summary: "Read a session",
            text: "The session as it is. One that has ended stays readable for a while.",
            scopes: [Scope.read.rawValue], parameters: [identifier, deviceHeader],
            successes: [
                .init(
                    status: 200, text: "The session.", schema: session,
                    examples: [.init(name: "connected", summary: "Both talk", value: representation(.connected))])
            ],
            errors: [.notFound])
    }

    private func update(isStatusPath: Bool) -> OperationDescription {
        OperationDescription(
            method: .put, path: "/sessions/{mediaSessionId}" + (isStatusPath ? "/status" : ""),
            id: isStatusPath ? "updateSessionStatus" : "updateSession",
            summary: isStatusPath ? "Change a session" : "Change a session, by its shorter path",
            text: """
                Answers an incoming call, holds and resumes, brings an offer or an answer, or ends the call. \
                \(isStatusPath
                    ? "The same without `/status` does the same."
                    : "The same as with `/status`; some of CAMARA's messages have this path.")

                An incoming call is told by a `session-invitation` event. `Ringing`, `InProgress` (with an `answer`: \
                early media) and `Waiting` tell its caller how far it is; `Connected` with an `answer` takes it; `Busy`, \
                `Declined`, `NoAnswer`, `NotReachable` and `Failed` do not. Where the caller has sent no offer the \
                session has none: the client sends its own as `offer`, and the `answer` comes by event.
                """,
            scopes: [Scope.write.rawValue], parameters: [identifier, deviceHeader],
            body: .init(
                schema: named("SessionChange"),
                examples: [
                    .init(name: "ringing", summary: "The device rings", value: ["status": "Ringing"]),
                    .init(
                        name: "connected", summary: "The call is answered",
                        value: ["status": "Connected", "answer": Samples.description]),
                    .init(name: "hold", summary: "The other side waits", value: ["status": "Hold"]),
                ], isAnyMediaType: dialect.acceptsAnyContentType),
            successes: [
                .init(
                    status: 200, text: "The session as it is now.", schema: session,
                    examples: [.init(name: "connected", summary: "Both talk", value: representation(.connected))]),
                .init(status: 204, text: "Accepted; what comes of it is told by events."),
            ],
            errors: [.outOfRange, .notFound, .aborted, dialect.stateConflict, .timeout])
    }

    private var end: OperationDescription {
        OperationDescription(
            method: .delete, path: "/sessions/{mediaSessionId}", id: "deleteSession", summary: "End a call",
            text: "Cancels, declines or hangs up, as the call's state asks for. A call that has ended stays ended.",
            scopes: [Scope.delete.rawValue], parameters: [identifier, deviceHeader],
            successes: [.init(status: 204, text: "The call ends.")], errors: [.notFound])
    }

    private var creation: DocumentTree {
        DocumentTree.map([
            .init(key: "originatorAddress", value: .text(Samples.originator)),
            .init(key: "originatorName", value: "Alice"),
            .init(key: "receiverAddress", value: .text(Samples.receiver)),
            .init(key: "receiverName", value: "Bob"), .init(key: "offer", value: Samples.description),
        ])
        .adding("callType", dialect.hasCallType ? "REGULAR" : nil)
        .adding("clientCorrelator", dialect.hasCorrelatorAndReason ? "order-4711" : nil)
    }

    private func representation(_ status: SessionStatus) -> DocumentTree {
        creation.adding("answer", status == .connected ? Samples.description : nil)
            .adding("status", .text(status.rawValue)).adding("mediaSessionId", .text(Samples.session))
            .adding("reason", dialect.hasCorrelatorAndReason ? "SIP 180 Ringing" : nil)
            .adding("sequenceNumber", dialect.hasCorrelatorAndReason ? 1 : nil)
    }
}

/// Values that examples share.
enum Samples {
    static let originator = "tel:+17085852753"
    static let receiver = "tel:+17085854000"
    static let session = "DFEE31FD76ECB046D715C92A755F0B1A618D86F1"
    static let registration = "6E04A1C5B7D2E83F90A1B2C3D4E5F60718293A4B"
    static let subscription = "A2C4E6081B3D5F709182A3B4C5D6E7F8091A2B3C"
    static let device = "7d444840-9dc0-41d1-b245-5ffdce74fad2"
    static let sink = "https://app.example.com/events"
    static let time = "2027-03-01T12:00:00.000Z"
    static let laterTime = "2027-03-01T13:00:00.000Z"

    /// The least an audio call over DTLS-SRTP says (RFC 8866, RFC 8827).
    static let sdp = [
        "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
        "c=IN IP4 0.0.0.0", "a=ice-ufrag:F7gI", "a=ice-pwd:x9cml/YzichV2+XlhiMu8gQX",
        "a=fingerprint:sha-256 "
            + "D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:E6:0F",
        "a=setup:actpass", "a=mid:0", "a=sendrecv", "a=rtcp-mux", "a=rtpmap:111 opus/48000/2", "",
    ].joined(separator: "\r\n")

    static let description: DocumentTree = ["sdp": .text(sdp)]
}
