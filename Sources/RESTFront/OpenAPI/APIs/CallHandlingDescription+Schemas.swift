import CallCore

extension CallHandlingDescription {
    var schemas: [DocumentTree.Entry] {
        var schemas: [DocumentTree.Entry] = [
            .init(key: named("Session"), value: session), .init(key: named("SessionCreation"), value: creation),
            .init(key: named("SessionChange"), value: change), .init(key: named("Description"), value: sdp),
            .init(key: named("Address"), value: address),
        ]
        if dialect.hasCallType { schemas += locations }
        return schemas
    }

    /// Whether a property nobody ever had is refused.
    private var isClosed: Bool { dialect.refusesUnknownProperties }

    private var session: DocumentTree {
        var properties: [DocumentTree.Entry] = [
            .init(
                key: "mediaSessionId",
                value: Schemas.text("Names the session.", example: Samples.session, maximum: 256)),
            .init(key: "status", value: Schemas.reference("SessionStatus")),
            .init(key: "originatorAddress", value: Schemas.text("The caller.", example: Samples.originator)),
            .init(key: "originatorName", value: Schemas.text("The caller's name.", example: "Alice")),
            .init(key: "receiverAddress", value: Schemas.text("The callee.", example: Samples.receiver)),
            .init(key: "receiverName", value: Schemas.text("The callee's name.", example: "Bob")),
            .init(key: "offer", value: Schemas.reference(named("Description"))),
            .init(
                key: "answer",
                value: Schemas.reference(named("Description"), "There as soon as there is an answer.")),
        ]
        if dialect.hasCallType { properties.append(.init(key: "callType", value: callType)) }
        if dialect.hasCorrelatorAndReason {
            properties += [
                .init(
                    key: "clientCorrelator",
                    value: Schemas.text("As the POST had it.", example: "order-4711", maximum: 256)),
                .init(
                    key: "offerRequired",
                    value: ["type": "boolean", "description": "True while the client owes the offer."]),
                .init(
                    key: "reason",
                    value: Schemas.text("Why the session has its status.", example: "SIP 180 Ringing")),
                .init(
                    key: "sequenceNumber",
                    value: [
                        "type": "integer", "minimum": 1, "description": "How many changes the session has seen.",
                    ]),
            ]
        }
        return Schemas.object(
            "A call.", required: ["mediaSessionId", "status", "originatorAddress", "receiverAddress"], properties)
    }

    /// What a POST and a PUT both may have, and which of it only its type counts for.
    private func common(_ addresses: DocumentTree) -> [DocumentTree.Entry] {
        var properties: [DocumentTree.Entry] = [
            .init(key: "originatorName", value: Schemas.printable("The caller's name.", example: "Alice")),
            .init(key: "receiverName", value: Schemas.printable("The callee's name.", example: "Bob")),
            .init(key: "mediaSessionId", value: Schemas.text("Not used: the network assigns it.")),
            .init(key: "offer", value: Schemas.reference(named("Description"))),
        ]
        if dialect.hasCallType {
            properties += [
                .init(key: "callType", value: callType),
                .init(key: "locationDetails", value: Schemas.reference(named("Location"))),
            ]
        }
        if dialect.hasCorrelatorAndReason {
            properties += [
                .init(
                    key: "clientCorrelator",
                    value: Schemas.printable(
                        "The client's own word for the session; comes back.", example: "order-4711")),
                .init(key: "offerRequired", value: unused("boolean")), .init(key: "reason", value: unused("string")),
                .init(key: "sequenceNumber", value: unused("integer").adding("format", "int64")),
                .init(key: "callObjectRef", value: unused("string")),
                .init(key: "serverCorrelator", value: unused("string")),
            ]
        } else if isClosed {
            let names = [
                "clientCorrelator", "offerRequired", "reason", "sequenceNumber", "callObjectRef", "serverCorrelator",
            ]
            properties += names.map { name in
                .init(key: name, value: ["description": "Of an earlier version; not used.", "deprecated": true])
            }
        }
        return properties
    }

    private func unused(_ type: String) -> DocumentTree {
        ["type": .text(type), "description": "Not used in a request."]
    }

    private var creation: DocumentTree {
        var properties: [DocumentTree.Entry] = [
            .init(
                key: "originatorAddress",
                value: Schemas.reference(named("Address"), "The caller: the number of the token, or anonymous.")),
            .init(
                key: "receiverAddress",
                value: [
                    "allOf": [
                        Schemas.reference(named("Address")), ["not": ["enum": ["sip:anonymous@anonymous.invalid"]]],
                    ], "description": "The callee; never anonymous.",
                ]),
            .init(key: "status", value: Schemas.text("Not used: a session begins as Initial.")),
        ]
        properties += common(Schemas.reference(named("Address")))
        var required = ["originatorAddress", "receiverAddress"]
        if dialect.requiresOffer { required.append("offer") }
        let tree = Schemas.object("A call to make.", required: required, properties, isClosed: isClosed)
        // Without the name there is nothing to refuse beyond it.
        return isClosed ? tree : tree.adding("not", ["required": ["answer"]])
    }

    private var change: DocumentTree {
        let names = ["status", "offer", "answer"]
        var shared: [DocumentTree.Entry] = [
            .init(key: "originatorAddress", value: Schemas.text("Not used.")),
            .init(key: "receiverAddress", value: Schemas.text("Not used.")),
        ]
        shared += common(Schemas.text("Not used."))
        let media: [DocumentTree.Entry] = [
            .init(key: "status", value: newStatus),
            .init(key: "offer", value: Schemas.reference(named("Description"))),
            .init(key: "answer", value: Schemas.reference(named("Description"))),
        ]
        let plain = Schemas.object(
            "A change of a call.", required: dialect.requiresStatus ? ["status"] : [],
            media + shared.filter { $0.key != "offer" }, isClosed: isClosed)
        guard !dialect.requiresStatus else { return plain }
        let oneOfThem: DocumentTree = .list(names.map { ["required": [.text($0)]] })
        guard dialect.unwrapsReceiverSessionStatus else { return plain.adding("anyOf", oneOfThem) }
        let wrapper = Schemas.object("The same in a wrapper.", media).adding("anyOf", oneOfThem)
        let wrappers = ["receiverSessionStatus", "ReceiverSessionStatus"]
        let wrapped = wrappers.map { name in
            Schemas.object(
                "A change of a call, in a wrapper.", required: [name],
                [.init(key: name, value: wrapper)] + shared.filter { $0.key != "offer" })
        }
        let unwrapped = plain.adding("anyOf", oneOfThem)
            .adding("not", ["anyOf": .list(wrappers.map { ["required": [.text($0)]] })])
        return ["description": "A change of a call.", "anyOf": .list([unwrapped] + wrapped)]
    }

    /// Every status but the one a session begins with and never returns to (mapping §3).
    private var newStatus: DocumentTree {
        Schemas.words(
            "The status to bring the session to.",
            SessionStatus.allCases.filter { $0 != .initial }.map(\.rawValue))
    }

    private var callType: DocumentTree {
        Schemas.words(
            "EMERGENCY is answered 501 where no trunk takes such calls; REGULAR is what a missing one means.",
            CallType.allCases.map(\.rawValue))
    }

    private var sdp: DocumentTree {
        Schemas.object(
            "An SDP offer or answer.", required: ["sdp"],
            [
                .init(
                    key: "sdp",
                    value: [
                        "type": "string", "format": "sdp", "maxLength": .integer(SessionDescription.maximumBytes),
                        "description":
                            "A session description (RFC 8866), carried unchanged. At most 65,536 bytes of UTF-8.",
                        "example": .text(Samples.sdp),
                    ])
            ], isClosed: isClosed)
    }

    private var address: DocumentTree {
        let host = #"([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}"#
        let user = #"([A-Za-z0-9_.!+-]|%[0-9A-Fa-f]{2})+"#
        let label = #"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"#
        let local = #"[0-9*#]{1,15};phone-context=(\+[1-9][0-9]{0,14}|\#(label)(\.\#(label))+)"#
        let pattern =
            switch dialect.addresses {
            case .r2: #"^(tel:\+[0-9]{5,15}|sip:\#(user)@\#(host))$"#
            case .r3:
                #"^(tel:\+[1-9][0-9]{4,14}|tel:\#(local)|sip:\#(user)@\#(host)|sip:\#(local)@\#(host);user=phone)$"#
            }
        return [
            "type": "string", "maxLength": .integer(Address.maximumLength), "pattern": .text(pattern),
            "description": .text(
                dialect.addresses == .r2
                    ? "A global telephone number, or a SIP address."
                    : "A global telephone number, a home local number with its numbering plan, or a SIP address."),
            "example": .text(Samples.receiver),
        ]
    }
}
