import Glibc

/// The user agent client: INVITE, ACK at once, BYE when the application has read its session.
extension InboundDriver {
    func receiveSIP() throws {
        let now = Nanoseconds.now
        try sip.receive { bytes, length, source, _ in
            if reader.read(bytes, length), let reference = reader.call {
                try responded(reference, now: now)
            } else if requestReader.read(bytes, length), requestReader.method != .ack {
                // A call that has failed here is ended there in its own time.
                sip.send(to: source) { SIPResponse.write("200 OK", to: requestReader, tag: nil, into: &$0) }
            }
        }
        sip.flush()
    }

    private func responded(_ reference: CallReference, now: Nanoseconds) throws {
        switch (reader.transaction, reader.status) {
        case (.invite, 101..<200):
            guard let call = calls.call(reference), reader.status == 180 else { return }
            call.pointee.progress.insert(.ringing)
        case (.invite, 200..<300): try answered(reference, now: now)
        case (.invite, 300...):
            send(.ack, reference)
            fail(reference, .refused(reader.status))
        case (.bye, 200):
            guard let call = calls.call(reference), call.pointee.progress.contains(.read) else { return }
            complete(reference)
        case (.bye, 201...): fail(reference, .refused(reader.status))
        default: return
        }
    }

    private func answered(_ reference: CallReference, now: Nanoseconds) throws {
        send(.ack, reference)
        guard let call = calls.call(reference) else { return }
        guard !call.pointee.progress.contains(.acknowledged) else {
            tally.answerRetransmissions += 1
            return
        }
        guard call.pointee.progress.contains(.ringing) else { return fail(reference, .notRung) }
        guard reader.body.elementsEqual(media.answer) else { return fail(reference, .answerChanged) }
        call.pointee.progress.insert(.acknowledged)
        tally.postToCreated.append(now - call.pointee.started)
        keepBye(reference)
        if call.pointee.progress.contains(.taken) { try request(.read, reference, now: now) }
    }

    private func send(_ transaction: CallerTexts.Transaction, _ reference: CallReference) {
        // The number dialled matters only where the gateway has given no Contact.
        let callee = calls.call(reference).map { callees[$0.pointee.originator].number } ?? 0
        sip.send(to: gateway) {
            texts.inDialog(transaction, reference, callee: callee, answer: reader, into: &$0)
        }
    }

    /// The BYE is written while the 200's To and Contact are at hand.
    private func keepBye(_ reference: CallReference) {
        guard let call = calls.call(reference) else { return }
        let callee = callees[call.pointee.originator].number
        let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1_024)
        guard let start = buffer.baseAddress else { return }
        var writer = ByteWriter(start, capacity: buffer.count)
        texts.inDialog(.bye, reference, callee: callee, answer: reader, into: &writer)
        call.pointee.answer = buffer
        call.pointee.answersSent = writer.count
    }

    func hangUp(_ reference: CallReference) {
        guard let call = calls.call(reference), let bye = call.pointee.answer else { return }
        let length = call.pointee.answersSent
        sip.send(to: gateway) {
            $0.append(UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bye[..<length])))
        }
    }
}
