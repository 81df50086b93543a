/// The whole configuration of one gateway: what one YAML file says, checked, with every default filled in.
///
/// A value of this type is consistent: trunk names in routes exist, every peer can be reached by a listener, times
/// that depend on each other fit. Made by `Configuration.load(path:)`; the keys are described in
/// `docs/configuration.md`, which is made from the same table that reads them.
public struct Configuration: Equatable, Sendable {
    /// `api`: the HTTP side.
    public var api: API
    /// `sip`: the SIP side.
    public var sip: SIP
    /// `trunks`: at least one, in the order of the file, names distinct.
    public var trunks: [Trunk]
    /// `routes`: in the order of the file, prefixes distinct. Empty: no outbound calls.
    public var routes: [Route]
    /// `servedNumbers`: prefixes of the numbers whose calls from the network are ours, distinct. Empty: any number.
    public var servedNumbers: [String]
    /// `emergency`: what counts as an emergency call.
    public var emergency: Emergency
    /// `sessionCreate`: when a POST of a session answers.
    public var sessionCreate: SessionCreate
    /// `sessions`: how many sessions are kept, and for how long.
    public var sessions: Sessions
    /// `drain`: how the gateway stops.
    public var drain: Drain
    /// `registrations`: how long they last, and how many there may be.
    public var registrations: Registrations
    /// `events`: how they reach the sinks of subscriptions.
    public var events: Events
    /// `storage`: what outlives a restart.
    public var storage: Storage
    /// `node`: this gateway among others.
    public var node: GatewayNode
    /// `admin`: what the operator's tools ask.
    public var admin: Admin
    /// `callRecords`: one for each call that has ended.
    public var callRecords: CallRecords
    /// `log`: what is logged, and how.
    public var log: Log
    /// What is allowed and hardly meant, in reading order.
    public var warnings: [Problem] = []
}
