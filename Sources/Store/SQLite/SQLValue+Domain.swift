import CallCore
import Foundation

extension SQLValue {
    /// Microseconds since 1970; moments beyond SQLite's integers become the nearest one.
    init(_ date: Date) {
        let microseconds = (date.timeIntervalSince1970 * 1_000_000).rounded()
        let bound = 9_000_000_000_000_000_000.0
        self = .integer(microseconds.isNaN ? 0 : Int64(min(max(microseconds, -bound), bound)))
    }

    /// NULL for nil.
    init(_ date: Date?) { self = date.map(SQLValue.init) ?? .null }
}

extension Statement.Row {
    func date(_ column: Int32) -> Date { Date(timeIntervalSince1970: Double(integer(column)) / 1_000_000) }

    func optionalDate(_ column: Int32) -> Date? { isNull(column) ? nil : date(column) }

    /// A token and its expiry; nil where there is no token.
    func credential(token: Int32, expiresAt: Int32) throws -> SinkCredential? {
        guard let text = optionalText(token) else { return nil }
        do {
            return try SinkCredential(accessToken: text, expiresAt: date(expiresAt))
        } catch {
            throw Schema.Refusal.corrupt("a token that no header can carry")
        }
    }

    func sink(_ column: Int32) throws -> SinkURL {
        do {
            return try SinkURL(text(column))
        } catch {
            throw Schema.Refusal.corrupt("a sink that is none")
        }
    }

    func owner(client: Int32, user: Int32) throws -> SessionOwner {
        guard let text = optionalText(user) else { return SessionOwner(client: self.text(client)) }
        guard let number = PhoneNumber(text) else { throw Schema.Refusal.corrupt("an owner's number that is none") }
        return SessionOwner(client: self.text(client), user: number)
    }
}
