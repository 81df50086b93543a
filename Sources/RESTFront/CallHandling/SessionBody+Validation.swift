import CallCore

extension SessionBody {
    /// Whether the body asks for an emergency call (emergency design §1): by its type, whatever the dialect says about
    /// `callType`, or by its receiver.
    func isEmergency(by numbers: EmergencyNumbers) -> Bool {
        if callType.found?.uppercased() == CallType.emergency.rawValue { return true }
        return receiverAddress.found.map { numbers.service(for: $0) != nil } ?? false
    }

    /// What a POST asks for, as the dialect reads it.
    func creation(_ dialect: Dialect) throws(CAMARAError) -> SessionCreation {
        try checkCommon(dialect)
        let originatorAddress = try PropertyCheck.required(originatorAddress, "originatorAddress", type: "a string")
        let receiverAddress = try PropertyCheck.required(receiverAddress, "receiverAddress", type: "a string")
        let originatorName = try PropertyCheck.text(originatorName, "originatorName")
        let receiverName = try PropertyCheck.text(receiverName, "receiverName")
        // The network assigns both: their type is checked, their value ignored.
        try PropertyCheck.optional(status, "status", type: "a string")
        try PropertyCheck.optional(mediaSessionId, "mediaSessionId", type: "a string")
        if answer.isPresent { throw .property("answer", "must not be in the request that creates a session") }
        let sdp = try offer.sdp("offer", dialect)
        if dialect.requiresOffer, sdp == nil { throw .property("offer", "is required") }
        guard let originator = Address(originatorAddress, pattern: dialect.addresses) else {
            throw .property("originatorAddress", "is not an address this API allows")
        }
        guard let receiver = Address(receiverAddress, pattern: dialect.addresses) else {
            throw .property("receiverAddress", "is not an address this API allows")
        }
        guard receiver != .anonymous else { throw .property("receiverAddress", "must not be anonymous") }
        return SessionCreation(
            originatorAddress: originatorAddress, originator: originator, originatorName: originatorName,
            receiverAddress: receiverAddress, receiver: receiver, receiverName: receiverName,
            callType: dialect.hasCallType ? callType.found.flatMap(CallType.init(rawValue:)) : nil,
            clientCorrelator: dialect.hasCorrelatorAndReason ? clientCorrelator.found : nil, sdp: sdp)
    }

    /// What a PUT asks for, as the dialect reads it.
    func change(_ dialect: Dialect) throws(CAMARAError) -> SessionChange {
        try checkCommon(dialect)
        try PropertyCheck.optional(originatorAddress, "originatorAddress", type: "a string")
        try PropertyCheck.optional(receiverAddress, "receiverAddress", type: "a string")
        _ = try PropertyCheck.text(originatorName, "originatorName")
        _ = try PropertyCheck.text(receiverName, "receiverName")
        try PropertyCheck.optional(mediaSessionId, "mediaSessionId", type: "a string")
        var (status, offer, answer) = (status, offer, answer)
        if dialect.unwrapsReceiverSessionStatus,
            let wrapped = try PropertyCheck.optional(receiverSessionStatus, "receiverSessionStatus", type: "an object")
        {
            (status, offer, answer) = (wrapped.status, wrapped.offer, wrapped.answer)
        }
        let word = try PropertyCheck.optional(status, "status", type: "a string")
        if dialect.requiresStatus, word == nil { throw .property("status", "is required") }
        var change = SessionChange()
        if let word {
            guard let status = SessionStatus(rawValue: word) else {
                let names = SessionStatus.allCases.map(\.rawValue).joined(separator: ", ")
                throw .property("status", "must be one of \(names)")
            }
            // Sessions begin as Initial and never return to it (mapping §3).
            guard status != .initial else { throw .property("status", "must not be Initial") }
            change.status = status
        }
        change.offer = try SessionBody.description(try offer.sdp("offer", dialect), "offer")
        change.answer = try SessionBody.description(try answer.sdp("answer", dialect), "answer")
        guard change != SessionChange() else {
            throw .invalidArgument("The body must have at least one of status, offer and answer.")
        }
        return change
    }

    /// Checks an SDP for form; the error names its line.
    static func description(_ sdp: String?, _ name: StaticString) throws(CAMARAError) -> SessionDescription? {
        guard let sdp else { return nil }
        do throws(SessionDescription.Malformed) {
            return try SessionDescription(sdp)
        } catch {
            throw .invalidArgument("\(name).sdp is no session description, \(error).")
        }
    }

    /// What POST and PUT have in common.
    private func checkCommon(_ dialect: Dialect) throws(CAMARAError) {
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(unknown) }
        if !dialect.unwrapsReceiverSessionStatus, receiverSessionStatus.isPresent {
            throw .property(
                "receiverSessionStatus", "is not a property of this API version: put its content into the body")
        }
        if dialect.hasCallType {
            if let word = try PropertyCheck.optional(callType, "callType", type: "a string"),
                CallType(rawValue: word) == nil
            {
                throw .property("callType", "must be REGULAR or EMERGENCY")
            }
            try PropertyCheck.optional(locationDetails, "locationDetails", type: "an object")?
                .validate(refusingUnknown: dialect.refusesUnknownProperties)
        }
        if dialect.hasCorrelatorAndReason {
            _ = try PropertyCheck.text(clientCorrelator, "clientCorrelator")
            try PropertyCheck.optional(offerRequired, "offerRequired", type: "a boolean")
            try PropertyCheck.optional(reason, "reason", type: "a string")
            try PropertyCheck.optional(sequenceNumber, "sequenceNumber", type: "an integer")
            try PropertyCheck.optional(callObjectRef, "callObjectRef", type: "a string")
            try PropertyCheck.optional(serverCorrelator, "serverCorrelator", type: "a string")
        }
    }
}

/// A POST's body, checked for all but the originator's right to call and the form of its SDP.
struct SessionCreation {
    var originatorAddress: String
    var originator: Address
    var originatorName: String?
    var receiverAddress: String
    var receiver: Address
    var receiverName: String?
    var callType: CallType?
    var clientCorrelator: String?
    var sdp: String?
}

extension Property<SDPBody> {
    /// The text of `offer` or `answer`; nil if there is none.
    fileprivate func sdp(_ name: StaticString, _ dialect: Dialect) throws(CAMARAError) -> String? {
        guard let body = try PropertyCheck.optional(self, "\(name)", type: "an object") else { return nil }
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(body.unknown, in: "\(name)") }
        return try PropertyCheck.required(body.sdp, "\(name).sdp", type: "a string")
    }
}
