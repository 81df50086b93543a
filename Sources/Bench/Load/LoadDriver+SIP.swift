import CBench
import Glibc

/// The user agent server: 180 and 200 at once, the 200 again until its ACK.
extension LoadDriver {
    func receiveSIP() throws {
        let now = Nanoseconds.now
        try sip.receive { bytes, length, source, arrival in
            guard reader.read(bytes, length) else { return }
            switch reader.method {
            case .invite: invited(from: source, arrival: arrival, now: now)
            case .ack: try acknowledged(now: now)
            case .bye: ended(from: source, now: now)
            case .cancel: cancelled(from: source)
            case .options: respond("200 OK", to: source)
            case .other: respond("405 Method Not Allowed", to: source)
            }
        }
        sip.flush()
    }

    private func respond(_ status: StaticString, to peer: sockaddr_in, tag: CallReference? = nil) {
        sip.send(to: peer) { SIPResponse.write(status, to: reader, tag: tag, into: &$0) }
    }

    private func invited(from peer: sockaddr_in, arrival: Nanoseconds, now: Nanoseconds) {
        guard let reference = reader.dialled ?? callOfOffer(reader.body) else {
            return respond("484 Address Incomplete", to: peer)
        }
        if answerOthers {
            _ = answer(reference, peer: peer)
            return
        }
        guard let call = calls.call(reference) else {
            return respond("480 Temporarily Unavailable", to: peer, tag: reference)
        }
        if call.pointee.progress.contains(.invited) {
            tally.inviteRetransmissions += 1
            if let stored = call.pointee.answer { send(stored, to: peer) }
            return
        }
        call.pointee.progress.insert(.invited)
        call.pointee.peer = peer
        tally.postToInvite.append(arrival - min(call.pointee.posted, arrival))
        guard isOffer(reader.body, of: reference) else {
            respond("488 Not Acceptable Here", to: peer, tag: reference)
            return fail(reference, .offerChanged)
        }
        let queued = answer(reference, peer: peer)
        let stored = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: queued.count)
        _ = stored.initialize(from: queued)
        call.pointee.answer = stored
        call.pointee.answersSent = 1
        timers.add(.init(due: now + LoadDriver.t1, call: reference, kind: .repeatAnswer))
    }

    /// Queues 180 and 200; returns the 200.
    private func answer(_ reference: CallReference, peer: sockaddr_in) -> UnsafeBufferPointer<UInt8> {
        sip.send(to: peer) {
            SIPResponse.write("180 Ringing", to: reader, tag: reference, contact: sip.contact, into: &$0)
        }
        return sip.send(to: peer) { writer in
            media.answer.withUnsafeBytes {
                SIPResponse.write(
                    "200 OK", to: reader, tag: reference, contact: sip.contact, body: $0, into: &writer)
            }
        }
    }

    /// An emergency call dials a service: the number in its offer tells which one it is.
    private func callOfOffer(_ body: UnsafeBufferPointer<UInt8>) -> CallReference? {
        guard body.count == media.offer.count, let start = body.baseAddress else { return nil }
        let (number, digits) = Decimal.read(start + media.offerNumber, limit: CallReference.digits)
        return digits == CallReference.digits ? CallReference(number: number) : nil
    }

    private func isOffer(_ body: UnsafeBufferPointer<UInt8>, of call: CallReference) -> Bool {
        guard body.count == media.offer.count, let received = body.baseAddress else { return false }
        return media.offer.withUnsafeBufferPointer { offer in
            guard let expected = offer.baseAddress else { return false }
            let number = media.offerNumber
            let behind = number + CallReference.digits
            return memcmp(received, expected, number) == 0
                && Decimal.read(received + number, limit: CallReference.digits) == (call.number, CallReference.digits)
                && memcmp(received + behind, expected + behind, offer.count - behind) == 0
        }
    }

    private func acknowledged(now: Nanoseconds) throws {
        guard let reference = reader.tagged, let call = calls.call(reference) else { return }
        guard !call.pointee.progress.contains(.acknowledged) else {
            tally.ackRetransmissions += 1
            return
        }
        call.pointee.progress.insert(.acknowledged)
        call.pointee.answer?.deallocate()
        call.pointee.answer = nil
        if call.pointee.progress.contains(.created) { try request(.read, reference, now: now) }
    }

    private func ended(from peer: sockaddr_in, now: Nanoseconds) {
        respond("200 OK", to: peer)
        if answerOthers { return otherCompleted() }
        guard let reference = reader.tagged else { return }
        guard let call = calls.call(reference), !call.pointee.progress.contains(.ended) else {
            tally.byeRetransmissions += 1
            return
        }
        let isExpected = call.pointee.progress.contains(.read) && !call.pointee.progress.contains(.held)
        guard isExpected else { return fail(reference, .endedEarly) }
        call.pointee.progress.insert(.ended)
        finishIfComplete(reference, now: now)
    }

    private func cancelled(from peer: sockaddr_in) {
        respond("200 OK", to: peer, tag: reader.dialled)
        if let reference = reader.dialled { fail(reference, .cancelled) }
    }

    /// Sends the 200 again if its ACK has not come (RFC 3261 §13.3.1.4).
    func repeatAnswer(_ reference: CallReference, now: Nanoseconds) {
        guard let call = calls.call(reference), let stored = call.pointee.answer else { return }
        tally.answerRetransmissions += 1
        send(stored, to: call.pointee.peer)
        let interval = min(LoadDriver.t1 << Nanoseconds(call.pointee.answersSent), LoadDriver.t2)
        call.pointee.answersSent += 1
        timers.add(.init(due: now + interval, call: reference, kind: .repeatAnswer))
    }

    private func send(_ message: UnsafeMutableBufferPointer<UInt8>, to peer: sockaddr_in) {
        sip.send(to: peer) { $0.append(UnsafeRawBufferPointer(message)) }
    }
}
