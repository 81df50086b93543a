import CSofiaSIP
import CallCore
import Foundation

/// Where the caller is, told to the network (RFC 6442; emergency design 5, 6 and 8).
extension SIPAgent {
    /// Whether an INVITE, or a request in its dialog, carries the call's location: in emergency calls, and where the trunk's
    /// policy allows it.
    private func location(of call: ActiveCall, via trunk: Int) -> Location? {
        guard let details = call.request.details, let location = details.location else { return nil }
        return details.service != nil || options.trunks[trunk].headers.carriesLocation ? location : nil
    }

    /// The body of an INVITE that carries a location with its offer; nil for most.
    func mixedBody(_ offer: String, attempt: Int, in call: ActiveCall) -> MixedBody? {
        guard call.request.details != nil, !offer.isEmpty, !call.state.omitsLocation(in: attempt),
            let location = location(of: call, via: call.attempts[attempt].trunk)
        else { return nil }
        return MixedBody(
            description: offer, location: document(location, of: call).text,
            name: RandomText.hex(digits: 32, using: &random), host: options.domain)
    }

    private func document(_ location: Location, of call: ActiveCall) -> LocationDocument {
        let request = call.request
        let isNamed = request.originator != .anonymous
        let user = isNamed ? request.identity?.text : nil
        return LocationDocument(
            location: location,
            entity: user.map { "pres:\($0)@\(options.domain)" } ?? "pres:anonymous@anonymous.invalid",
            device: "urn:uuid:\(SIPAgent.uuid(call.uuid.text))",
            mayBeForwarded: request.details?.service != nil, now: options.now())
    }

    /// 32 digits as a UUID.
    private static func uuid(_ digits: String) -> String {
        var text = ""
        for (index, digit) in digits.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(digit)
        }
        return text
    }

    /// Whether the final response to an INVITE with a location may be because of it: 424 says so (RFC 6442 §4.3); 415 and 413
    /// that the body is of a kind, or a size, that the peer does not take.
    func refusesLocation(_ status: Int, _ attempt: Int, _ call: ActiveCall) -> Bool {
        guard [413, 415, 424].contains(status), call.request.details != nil else { return false }
        return location(of: call, via: call.attempts[attempt].trunk) != nil
    }

    // MARK: - In a call

    /// The caller has moved (emergency 8).
    func move(_ call: ActiveCall, to location: Location) {
        guard call.state.phase != .ended else { return }
        call.request.details = (call.request.details ?? CallDetails(service: nil)).moved(to: location)
        // An INVITE that is still to come takes it along.
        guard let trunk = call.attempts.last?.trunk, self.location(of: call, via: trunk) != nil else { return }
        call.owesLocation = true
        tellLocation(of: call)
    }

    /// Tells the location that is owed as soon as there is a way.
    func tellLocation(of call: ActiveCall) {
        guard let (dialog, allowsUpdate) = call.state.locationDialog else { return }
        if allowsUpdate {
            call.owesLocation = false
            sendLocation(in: dialog, of: call)
        } else if call.midCall.client == nil, call.state.isIdle, call.state.negotiableDialog == dialog {
            // The re-INVITE takes the location along, and it is owed no more.
            handle(.negotiation(dialog, .restate), in: call)
        }
    }

    /// An UPDATE without an offer changes nothing of the media (RFC 3311 §5.1).
    private func sendLocation(in dialog: OutboundCall.DialogID, of call: ActiveCall) {
        guard let location = location(of: call, via: call.trunk(of: dialog)) else { return }
        let name = RandomText.hex(digits: 32, using: &random)
        let lines =
            LocationHeaders.lines(name: name, host: options.domain) + "\nContent-ID: <\(name)@\(options.domain)>"
            + "\nContent-Disposition: by-reference;handling=optional"
            + (timerLines(in: dialog, of: call, isRefresher: call.isRefresher).map { "\n\($0)" } ?? "")
        let update = DialogRequest(
            method: .update, headers: lines, body: document(location, of: call).text,
            contentType: LocationDocument.contentType)
        send(update, in: dialog, of: call, kind: .location)
    }

    /// The location that a re-INVITE repeating our description takes along; owed no more then.
    func mixedBody(restating description: String, in dialog: OutboundCall.DialogID, of call: any NegotiatingCall)
        -> MixedBody?
    {
        guard let call = call as? ActiveCall, call.owesLocation, !description.isEmpty else { return nil }
        call.owesLocation = false
        guard let location = location(of: call, via: call.trunk(of: dialog)) else { return nil }
        return MixedBody(
            description: description, location: document(location, of: call).text,
            name: RandomText.hex(digits: 32, using: &random), host: options.domain)
    }
}
