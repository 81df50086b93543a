/// What a call has that most calls do not: an emergency service that it asks for, a location, or both. A class, so that a call
/// without them carries one empty reference.
public final class CallDetails: Sendable {
    /// The service an emergency call asks for, `sos` or below (RFC 5031); nil: the call is none.
    public let service: String?
    /// Where the caller is.
    public let location: Location?
    /// What the operator's log is to say of the request: what was left out of it, or taken against its words.
    public let notes: [String]

    /// Takes every value as given.
    public init(service: String?, location: Location? = nil, notes: [String] = []) {
        self.service = service
        self.location = location
        self.notes = notes
    }

    /// The same with another location.
    public func moved(to location: Location) -> CallDetails {
        CallDetails(service: service, location: location, notes: notes)
    }

    /// The same as an emergency call; `note` says why it has become one.
    public func asking(for service: String, note: String) -> CallDetails {
        CallDetails(service: service, location: location, notes: notes + [note])
    }
}
