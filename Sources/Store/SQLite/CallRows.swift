import CallCore

/// The table `live_calls`.
struct CallRows {
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement

    init(_ connection: Connection) throws {
        let columns = """
            id, client, user, originator_address, originator_name, receiver_address, receiver_name, call_type,
            client_correlator, registration_id, device_id, correlator, offer, answer, status, sequence_number, next_hop,
            call_id, local, remote, routes, target, local_cseq, remote_cseq, direction
            """
        select = try connection.prepare("SELECT \(columns) FROM live_calls")
        upsert = try connection.prepare(
            """
            INSERT OR REPLACE INTO live_calls (\(columns))
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        delete = try connection.prepare("DELETE FROM live_calls WHERE id = ?")
    }

    func read(_ body: (StoredCall) -> Void) throws {
        try select.run { row in
            guard let status = SessionStatus(rawValue: row.text(14)) else {
                throw Schema.Refusal.corrupt("live_calls: a status that is none")
            }
            guard let direction = SessionDirection(rawValue: row.text(24)) else {
                throw Schema.Refusal.corrupt("live_calls: a direction that is none")
            }
            let device = row.optionalText(9).map {
                SessionDevice(registrationID: RegistrationID(rawValue: $0), deviceID: row.text(10))
            }
            let session = Session(
                id: SessionID(rawValue: row.text(0)), direction: direction, owner: try row.owner(client: 1, user: 2),
                originatorAddress: row.text(3), originatorName: row.optionalText(4), receiverAddress: row.text(5),
                receiverName: row.optionalText(6), callType: row.optionalText(7).flatMap(CallType.init(rawValue:)),
                clientCorrelator: row.optionalText(8), device: device, correlator: row.optionalText(11),
                offer: try row.description(12), answer: try row.description(13), status: status,
                sequenceNumber: Int(row.integer(15)))
            body(StoredCall(session: session, dialog: row.dialog, nextHop: row.text(16)))
        }
    }

    func write(_ value: StoredCall) throws {
        let session = value.session
        let dialog = value.dialog
        try upsert.run([
            .text(session.id.rawValue), .text(session.owner.client), SQLValue(session.owner.user?.text),
            .text(session.originatorAddress), SQLValue(session.originatorName), .text(session.receiverAddress),
            SQLValue(session.receiverName), SQLValue(session.callType?.rawValue), SQLValue(session.clientCorrelator),
            SQLValue(session.device?.registrationID.rawValue), SQLValue(session.device?.deviceID),
            SQLValue(session.correlator), SQLValue(session.offer?.text), SQLValue(session.answer?.text),
            .text(session.status.rawValue), .integer(Int64(session.sequenceNumber)), .text(value.nextHop),
            SQLValue(dialog?.callID), SQLValue(dialog?.local), SQLValue(dialog?.remote), SQLValue(dialog?.routes),
            SQLValue(dialog?.target), SQLValue(dialog.map { Int64($0.localCSeq) }),
            SQLValue(dialog.map { Int64($0.remoteCSeq) }), .text(session.direction.rawValue),
        ])
    }

    func remove(_ id: SessionID) throws {
        try delete.run(.text(id.rawValue))
    }
}

extension Statement.Row {
    fileprivate func description(_ column: Int32) throws -> SessionDescription? {
        guard let text = optionalText(column) else { return nil }
        do {
            return try SessionDescription(text)
        } catch {
            throw Schema.Refusal.corrupt("live_calls: a media description that is none")
        }
    }

    fileprivate var dialog: StoredCall.Dialog? {
        guard let callID = optionalText(17), let target = optionalText(21) else { return nil }
        return StoredCall.Dialog(
            callID: callID, local: text(18), remote: text(19), routes: optionalText(20), target: target,
            localCSeq: UInt32(clamping: integer(22)), remoteCSeq: UInt32(clamping: integer(23)))
    }
}
