/// What the endpoint does with a call, from the INVITE on.
package enum EndpointScript: Equatable, Sendable {
    /// Nothing at all: the request is dropped, and so are its retransmissions.
    case silence
    /// These steps in turn. They end with a final response other than 2xx, or with ``EndpointStep/hangUp``, or with the
    /// peer's CANCEL or BYE.
    case steps([EndpointStep])
}

/// One thing the endpoint does by itself.
package enum EndpointStep: Equatable, Sendable {
    /// A provisional response; `describes`: with an SDP answer.
    case provisional(Int, from: EndpointPhone = .answering, describes: Bool = false)
    /// A provisional response with an SDP answer, sent reliably; the next step waits for its PRACK (RFC 3262). Sent as any
    /// other if the peer does not support 100rel.
    case reliable(Int)
    /// Nothing, for this long.
    case wait(Duration)
    /// 200 with an SDP answer; the next step waits for its ACK.
    case answer
    /// A re-INVITE or UPDATE; after the answer only. The next step does not wait for its response.
    case change(MediaChange)
    /// A final response of 300…699.
    case refuse(Int)
    /// BYE.
    case hangUp
}

/// Which of the phones that ring for a number responds: each has a To tag of its own (RFC 3261 §12.1.2).
package enum EndpointPhone: Equatable, Sendable {
    /// The one that takes the call.
    case answering
    /// One that only reports progress.
    case other
}
