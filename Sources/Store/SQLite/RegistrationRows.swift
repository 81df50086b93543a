import CallCore

/// The table `registrations`.
struct RegistrationRows {
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement

    init(_ connection: Connection) throws {
        select = try connection.prepare(
            "SELECT id, client, user, number, device_id, created_at, expires_at FROM registrations")
        upsert = try connection.prepare(
            """
            INSERT INTO registrations (id, client, user, number, device_id, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET client = excluded.client, user = excluded.user, number = excluded.number,
                device_id = excluded.device_id, created_at = excluded.created_at, expires_at = excluded.expires_at
            """)
        delete = try connection.prepare("DELETE FROM registrations WHERE id = ?")
    }

    func read(_ body: (Registration) -> Void) throws {
        try select.run { row in
            guard let number = PhoneNumber(row.text(3)) else {
                throw Schema.Refusal.corrupt("registrations: a number that is none")
            }
            body(
                Registration(
                    id: RegistrationID(rawValue: row.text(0)), owner: try row.owner(client: 1, user: 2),
                    number: number, deviceID: row.text(4), createdAt: row.date(5), expiresAt: row.date(6)))
        }
    }

    func write(_ value: Registration) throws {
        try upsert.run(
            .text(value.id.rawValue), .text(value.owner.client), SQLValue(value.owner.user?.text),
            .text(value.number.text), .text(value.deviceID), SQLValue(value.createdAt), SQLValue(value.expiresAt))
    }

    func remove(_ id: RegistrationID) throws {
        try delete.run(.text(id.rawValue))
    }
}
