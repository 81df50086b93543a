import CallCore

/// A session as JSON, in the words of a dialect.
struct SessionRepresentation: Encodable {
    let session: Session
    let dialect: Dialect

    private enum Key: String, CodingKey {
        case originatorAddress, originatorName, receiverAddress, receiverName, offer, answer, status, mediaSessionId
        case callType, clientCorrelator, offerRequired, reason, sequenceNumber
    }

    private struct Description: Encodable {
        let sdp: String
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(session.originatorAddress, forKey: .originatorAddress)
        try container.encodeIfPresent(session.originatorName, forKey: .originatorName)
        try container.encode(session.receiverAddress, forKey: .receiverAddress)
        try container.encodeIfPresent(session.receiverName, forKey: .receiverName)
        if let offer = session.offer { try container.encode(Description(sdp: offer.text), forKey: .offer) }
        if let answer = session.answer { try container.encode(Description(sdp: answer.text), forKey: .answer) }
        try container.encode(session.status.rawValue, forKey: .status)
        try container.encode(session.id.rawValue, forKey: .mediaSessionId)
        if dialect.hasCallType { try container.encodeIfPresent(session.callType?.rawValue, forKey: .callType) }
        if dialect.hasCorrelatorAndReason {
            try container.encodeIfPresent(session.clientCorrelator, forKey: .clientCorrelator)
            // r2.2: "included and set to true" where the client still owes its offer.
            if session.offer == nil { try container.encode(true, forKey: .offerRequired) }
            try container.encodeIfPresent(session.reason, forKey: .reason)
            if session.sequenceNumber > 0 { try container.encode(session.sequenceNumber, forKey: .sequenceNumber) }
        }
    }
}

/// CAMARA's `ErrorInfo`.
struct ErrorRepresentation: Encodable {
    let error: CAMARAError

    private enum Key: String, CodingKey {
        case status, code, message
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(error.status, forKey: .status)
        try container.encode(error.code.rawValue, forKey: .code)
        try container.encode(error.message, forKey: .message)
    }
}
