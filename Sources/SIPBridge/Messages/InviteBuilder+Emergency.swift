import CallCore

extension InviteBuilder {
    /// An INVITE to an emergency service (emergency design 4 and 5; RFC 5031, TS 24.229 §5.1.6.8).
    func emergencyHeaders(
        for request: CallRequest, service: String, via trunk: Trunk, tag: String, session: SessionIdentifier,
        chargingID: String
    ) -> Headers {
        let isAnonymous = request.originator == .anonymous
        var lines = "P-Early-Media: supported\nPriority: emergency"
        lines += "\n\(session.line)"
        if trunk.isTrusted { lines += "\nP-Charging-Vector: icid-value=\(chargingID);orig-ioi=\(domain)" }
        // Whoever asked to stay anonymous, and whatever the trunk: who helps has to be able to call back.
        if let identity = request.identity {
            lines += "\nP-Asserted-Identity: <\(InviteBuilder.uri(of: identity, at: domain, via: trunk))>"
        }
        if isAnonymous { lines += "\nPrivacy: id" }
        if trunk.headers.namesService { lines += InviteBuilder.serviceLines }
        let uri = "urn:service:\(service)"
        return Headers(
            requestURI: uri,
            from: "\(originator(of: request, via: trunk, isAnonymous: isAnonymous));tag=\(tag)",
            to: "<\(uri)>",
            lines: lines,
            supported: trunk.reliable1xx == .off ? "timer" : "100rel, timer",
            // A service that knows no reliable responses takes the call all the same.
            require: nil)
    }
}
