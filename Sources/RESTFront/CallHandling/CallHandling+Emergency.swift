import CallCore

/// POST of an emergency call (emergency design): whatever else is wrong with the request, the call is made.
extension CallHandling {
    /// What cannot be made sense of is left out, and told to the operator; only an SDP that is none is refused, because there
    /// is nothing else to make a call of. Authentication and scope have been seen to: nobody calls in somebody else's name.
    func createEmergency(
        _ body: SessionBody, _ service: String, _ context: Route.Context
    ) throws(CAMARAError) -> Outcome {
        var notes: [String] = []
        let caller = context.caller
        let registration = (try? registration(context.request, of: caller)) ?? nil
        let given = body.originatorAddress.found.flatMap { Address($0, pattern: .r2) ?? Address($0, pattern: .r3) }
        let identity: PhoneNumber?
        switch caller.identity {
        case .believed: identity = given?.phoneNumber
        case .verified(let number): identity = number ?? registration?.number
        }
        let originator = originator(given, identity, isBelieved: caller.identity == .believed, &notes)
        let receiver = body.receiverAddress.found.flatMap { $0.utf8.count <= Address.maximumLength ? $0 : nil }
        if receiver.flatMap({ emergencyNumbers.service(for: $0) }) == nil {
            notes.append("the receiver is no emergency address: the call type counts")
        }
        let urn = "urn:service:\(service)"
        return place(
            CallRequest(
                id: makeSessionID(), owner: caller.owner, identity: identity, originator: originator,
                // Where it goes is the service's affair: no route of a subscriber's address is looked at.
                receiver: .uri(user: service, host: "emergency.invalid"),
                originatorAddress: text(of: originator, given == originator ? body.originatorAddress.found : nil),
                originatorName: (try? PropertyCheck.text(body.originatorName, "originatorName")) ?? nil,
                receiverAddress: receiver ?? urn,
                receiverName: (try? PropertyCheck.text(body.receiverName, "receiverName")) ?? nil,
                callType: .emergency,
                clientCorrelator: dialect.hasCorrelatorAndReason
                    ? (try? PropertyCheck.text(body.clientCorrelator, "clientCorrelator")) ?? nil : nil,
                offer: try offer(of: body),
                device: registration.map { SessionDevice(registrationID: $0.id, deviceID: $0.deviceID) },
                correlator: context.correlator,
                details: CallDetails(service: service, location: location(of: body, &notes), notes: notes)),
            context.reply)
    }

    /// Whom From shows: who asks for it stays anonymous; else the verified number stands in for whatever is not it.
    private func originator(
        _ given: Address?, _ identity: PhoneNumber?, isBelieved: Bool, _ notes: inout [String]
    ) -> Address {
        if given == .anonymous { return .anonymous }
        guard let identity else {
            notes.append("no number of the caller is known: nobody can call back")
            return isBelieved ? given ?? .anonymous : .anonymous
        }
        if given?.phoneNumber != identity {
            notes.append("originatorAddress is not the verified number, which is used in its place")
        }
        return .number(identity)
    }

    private func text(of originator: Address, _ given: String?) -> String {
        if let given { return given }
        if let number = originator.phoneNumber { return "tel:\(number.text)" }
        return "sip:anonymous@anonymous.invalid"
    }

    private func offer(of body: SessionBody) throws(CAMARAError) -> SessionDescription? {
        let offer = try PropertyCheck.optional(body.offer, "offer", type: "an object")
        guard let offer else { return nil }
        return try SessionBody.description(
            try PropertyCheck.required(offer.sdp, "offer.sdp", type: "a string"), "offer")
    }

    /// A bad location is left out: a location is optional, a caller in danger is not (emergency §6).
    private func location(of body: SessionBody, _ notes: inout [String]) -> Location? {
        do throws(CAMARAError) {
            return try PropertyCheck.optional(body.locationDetails, "locationDetails", type: "an object")?
                .location(refusingUnknown: false)
        } catch {
            notes.append("the location was left out: \(error.message)")
            return nil
        }
    }
}
