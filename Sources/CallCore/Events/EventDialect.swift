/// The published version of the events API that a subscription was made with; its events are told in the same one
/// (camara-rules, "Paths"). The raw value is the version in the path.
public enum EventDialect: String, Sendable, CaseIterable {
    /// CAMARA r2.2.
    case v02 = "v0.2"
    /// CAMARA towards r3.
    case v03 = "v0.3"

    /// `clientCorrelator` and `offerRequired` are part of a session's event.
    public var hasCorrelatorAndOfferRequired: Bool { self == .v02 }
    /// `subscriptionMaxEvents` and `initialEvent` are honoured; the later release accepts and ignores them.
    public var honoursMaximumAndInitialEvent: Bool { self == .v02 }
    /// How many types one subscription may have.
    public var maximumTypes: Int { self == .v02 ? 1 : 3 }
}
