import CallCore

extension NodeStore {
    func keep(_ call: StoredCall) {
        shared.change { $0.set(.call(call.session.id), to: .call(call)) }
    }

    func removeCall(_ id: SessionID) {
        shared.change { $0.set(.call(id), to: nil) }
    }

    func takeLeftCalls() -> [StoredCall] {
        shared.change { $0.takeLeftCalls() }
    }
}
