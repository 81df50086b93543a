import CallCore

/// The table `subscriptions`.
struct SubscriptionRows {
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement

    init(_ connection: Connection) throws {
        let columns = """
            id, client, user, types, device_id, registration_id, session_id, sink, token, token_expires_at, expires_at,
            maximum_events, initial_event, created_at, dialect, events_told
            """
        select = try connection.prepare("SELECT \(columns) FROM subscriptions")
        // What can change of a subscription.
        upsert = try connection.prepare(
            """
            INSERT INTO subscriptions (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET token = excluded.token, token_expires_at = excluded.token_expires_at,
                expires_at = excluded.expires_at, events_told = excluded.events_told
            """)
        delete = try connection.prepare("DELETE FROM subscriptions WHERE id = ?")
    }

    func read(_ body: (StoredSubscription) -> Void) throws {
        try select.run { row in
            let types = row.text(3).split(separator: " ").map { EventType(String($0)) }
            guard let dialect = EventDialect(rawValue: row.text(14)), !types.isEmpty, !types.contains(nil) else {
                throw Schema.Refusal.corrupt("subscriptions: a dialect or type that is none")
            }
            let subscription = Subscription(
                id: SubscriptionID(rawValue: row.text(0)), owner: try row.owner(client: 1, user: 2),
                types: types.compactMap { $0 },
                detail: Subscription.Detail(
                    deviceID: row.optionalText(4), registrationID: row.optionalText(5),
                    sessionID: row.optionalText(6).map(SessionID.init(rawValue:))),
                sink: try row.sink(7), credential: try row.credential(token: 8, expiresAt: 9),
                expiresAt: row.optionalDate(10), maximumEvents: row.optionalInteger(11).map { Int($0) },
                initialEvent: row.integer(12) != 0, createdAt: row.date(13), dialect: dialect)
            body(StoredSubscription(subscription: subscription, eventsTold: Int(row.integer(15))))
        }
    }

    func write(_ stored: StoredSubscription) throws {
        let value = stored.subscription
        try upsert.run(
            .text(value.id.rawValue), .text(value.owner.client), SQLValue(value.owner.user?.text),
            .text(value.types.map(\.text).joined(separator: " ")), SQLValue(value.detail.deviceID),
            SQLValue(value.detail.registrationID), SQLValue(value.detail.sessionID?.rawValue), .text(value.sink.text),
            SQLValue(value.credential?.accessToken), SQLValue(value.credential?.expiresAt), SQLValue(value.expiresAt),
            SQLValue(value.maximumEvents.map { Int64($0) }), .integer(value.initialEvent ? 1 : 0),
            SQLValue(value.createdAt), .text(value.dialect.rawValue), .integer(Int64(stored.eventsTold)))
    }

    func remove(_ id: SubscriptionID) throws {
        try delete.run(.text(id.rawValue))
    }
}
