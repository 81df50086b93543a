import CallCore
import Foundation

/// The table `undelivered_events`.
struct UndeliveredRows {
    private let select: Statement
    private let upsert: Statement
    private let delete: Statement
    private let decoder = JSONDecoder()

    init(_ connection: Connection) throws {
        let columns = """
            position, subscription_id, session_id, sink, token, token_expires_at, event, correlator, bound
            """
        select = try connection.prepare("SELECT \(columns) FROM undelivered_events ORDER BY position")
        // A delivery that is saved again has another token or bound.
        upsert = try connection.prepare(
            "INSERT OR REPLACE INTO undelivered_events (\(columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        delete = try connection.prepare("DELETE FROM undelivered_events WHERE position = ?")
    }

    func read(_ body: (Int64, Delivery) -> Void) throws {
        try select.run { row in
            guard let event = try? decoder.decode(CloudEvent.self, from: Data(row.text(6).utf8)) else {
                throw Schema.Refusal.corrupt("undelivered_events: an event that is none")
            }
            body(
                row.integer(0),
                Delivery(
                    subscription: SubscriptionID(rawValue: row.text(1)),
                    session: row.optionalText(2).map(SessionID.init(rawValue:)), sink: try row.sink(3),
                    credential: try row.credential(token: 4, expiresAt: 5), event: event, correlator: row.text(7),
                    bound: row.date(8)))
        }
    }

    func write(_ value: Delivery, at position: Int64) throws {
        let event = String(decoding: value.event.json, as: UTF8.self)
        try upsert.run(
            .integer(position), .text(value.subscription.rawValue), SQLValue(value.session?.rawValue),
            .text(value.sink.text), SQLValue(value.credential?.accessToken), SQLValue(value.credential?.expiresAt),
            .text(event), .text(value.correlator), SQLValue(value.bound))
    }

    func remove(_ position: Int64) throws {
        try delete.run(.integer(position))
    }
}
