import CallCore

/// How one published version of the API differs from the others (camara-rules, "Paths"). Handlers ask the table; no
/// handler asks for a version.
public struct Dialect: Sendable, Equatable {
    /// For logs.
    public var name: String
    /// POST needs the `registrationId` header. Enforced where the server has a registrar.
    public var requiresRegistration: Bool
    /// POST needs an `offer`; elsewhere it may follow by PUT.
    public var requiresOffer: Bool
    /// PUT needs `status`; elsewhere any of `status`, `offer`, `answer` will do.
    public var requiresStatus: Bool
    /// The pattern of `originatorAddress` and `receiverAddress`.
    public var addresses: Address.Pattern
    /// `callType` and `locationDetails` exist. (`callType: EMERGENCY` is honoured everywhere, emergency design §2.)
    public var hasCallType: Bool
    /// `clientCorrelator`, `offerRequired`, `reason` and `sequenceNumber` are part of the session.
    public var hasCorrelatorAndReason: Bool
    /// A property no release ever had is 400 instead of ignored.
    public var refusesUnknownProperties: Bool
    /// The body of a PUT may stand in `receiverSessionStatus`, as in r2.2's examples.
    public var unwrapsReceiverSessionStatus: Bool
    /// Any Content-Type is read as JSON: the seed document's curl line sends curl's own.
    public var acceptsAnyContentType: Bool
    /// The code of the 409 for a change that does not fit the session's state: CONFLICT until Commonalities r4.1.
    public var stateConflict: CAMARAError.Code

    /// The seed document's `/webrtc/sessions`.
    public static let seed = Dialect(
        name: "seed", requiresRegistration: false, requiresOffer: false, requiresStatus: false, addresses: .r2,
        hasCallType: true, hasCorrelatorAndReason: false, refusesUnknownProperties: false,
        unwrapsReceiverSessionStatus: true, acceptsAnyContentType: true, stateConflict: .conflict)

    /// CAMARA r2.2, call handling v0.3.
    public static let v03 = Dialect(
        name: "v0.3", requiresRegistration: true, requiresOffer: false, requiresStatus: false, addresses: .r2,
        hasCallType: false, hasCorrelatorAndReason: true, refusesUnknownProperties: false,
        unwrapsReceiverSessionStatus: true, acceptsAnyContentType: false, stateConflict: .conflict)

    /// CAMARA towards r3, call handling v0.4.
    public static let v04 = Dialect(
        name: "v0.4", requiresRegistration: true, requiresOffer: true, requiresStatus: true, addresses: .r3,
        hasCallType: true, hasCorrelatorAndReason: false, refusesUnknownProperties: true,
        unwrapsReceiverSessionStatus: false, acceptsAnyContentType: false, stateConflict: .incompatibleState)
}
