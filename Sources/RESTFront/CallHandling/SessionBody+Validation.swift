import CallCore

extension SessionBody {
    /// The service of the emergency call that the body asks for (emergency design §1): by its receiver, or by its type,
    /// whatever the dialect says about `callType`. Nil: it asks for another call.
    func emergencyService(by numbers: EmergencyNumbers) -> String? {
        if let service = receiverAddress.found.flatMap({ numbers.service(for: $0) }) { return service }
        return callType.found?.uppercased() == CallType.emergency.rawValue ? "sos" : nil
    }

    /// What a POST asks for, as the dialect reads it.
    func creation(_ dialect: Dialect) throws(CAMARAError) -> SessionCreation {
        let location = try checkCommon(dialect)
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
            clientCorrelator: dialect.hasCorrelatorAndReason ? clientCorrelator.found : nil, sdp: sdp,
            location: location)
    }

    /// What a PUT asks for, as the dialect reads it. In an emergency call a location that is not fit to be told changes
    /// nothing, and no version lacks the property (emergency design §6).
    func change(_ dialect: Dialect, isEmergency: Bool = false) throws(CAMARAError) -> SessionChange {
        let location = isEmergency ? fitLocation : nil
        let checked = try checkCommon(dialect, checksLocation: !isEmergency)
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
        guard change != SessionChange() || locationDetails.isPresent && (isEmergency || dialect.hasCallType) else {
            throw .invalidArgument("The body must have at least one of status, offer and answer.")
        }
        change.location = location ?? checked
        return change
    }

    /// The location, if there is one that can be told.
    private var fitLocation: Location? {
        guard let body = locationDetails.found else { return nil }
        return (try? body.location(refusingUnknown: false)) ?? nil
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
    /// - Returns: the location, where the dialect has one.
    private func checkCommon(_ dialect: Dialect, checksLocation: Bool = true) throws(CAMARAError) -> Location? {
        var location: Location?
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
            if checksLocation {
                location = try PropertyCheck.optional(locationDetails, "locationDetails", type: "an object")?
                    .location(refusingUnknown: dialect.refusesUnknownProperties)
            }
        }
        if dialect.hasCorrelatorAndReason {
            _ = try PropertyCheck.text(clientCorrelator, "clientCorrelator")
            try PropertyCheck.optional(offerRequired, "offerRequired", type: "a boolean")
            try PropertyCheck.optional(reason, "reason", type: "a string")
            try PropertyCheck.optional(sequenceNumber, "sequenceNumber", type: "an integer")
            try PropertyCheck.optional(callObjectRef, "callObjectRef", type: "a string")
            try PropertyCheck.optional(serverCorrelator, "serverCorrelator", type: "a string")
        }
        return location
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
    /// Where the caller is.
    var location: Location?
}

extension Property<SDPBody> {
    /// The text of `offer` or `answer`; nil if there is none.
    fileprivate func sdp(_ name: StaticString, _ dialect: Dialect) throws(CAMARAError) -> String? {
        guard let body = try PropertyCheck.optional(self, "\(name)", type: "an object") else { return nil }
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(body.unknown, in: "\(name)") }
        return try PropertyCheck.required(body.sdp, "\(name).sdp", type: "a string")
    }
}
