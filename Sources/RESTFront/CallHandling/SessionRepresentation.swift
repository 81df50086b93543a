import CallCore

/// A session as JSON, in the words of a dialect.
struct SessionRepresentation: JSONWritable, Sendable {
    let session: Session
    let dialect: Dialect

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("originatorAddress", session.originatorAddress)
            json.member("originatorName", session.originatorName)
            json.member("receiverAddress", session.receiverAddress)
            json.member("receiverName", session.receiverName)
            if let offer = session.offer { json.member("offer") { $0.member("sdp", offer.text) } }
            if let answer = session.answer { json.member("answer") { $0.member("sdp", answer.text) } }
            json.member("status", session.status.rawValue)
            json.member("mediaSessionId", session.id.rawValue)
            if dialect.hasCallType { json.member("callType", session.callType?.rawValue) }
            if dialect.hasCorrelatorAndReason {
                json.member("clientCorrelator", session.clientCorrelator)
                // r2.2: "included and set to true" where the client still owes its offer.
                if session.offer == nil { json.member("offerRequired", true) }
                json.member("reason", session.reason)
                if session.sequenceNumber > 0 { json.member("sequenceNumber", session.sequenceNumber) }
            }
        }
    }
}

/// CAMARA's `ErrorInfo`.
struct ErrorRepresentation: JSONWritable {
    let error: CAMARAError

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("status", error.status)
            json.member("code", error.code.rawValue)
            json.member("message", error.message)
        }
    }
}
