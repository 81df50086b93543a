import CallCore

/// One API of CAMARA at one mount, in one dialect: it knows its paths, scopes and bodies, and no socket. Used on the HTTP
/// thread alone.
protocol API {
    /// The code of the 409 for a change that does not fit a state: CONFLICT until Commonalities r4.1.
    var stateConflict: CAMARAError.Code { get }

    /// What a request asks for; nil if its path is none of this API's.
    /// - Parameter path: what follows the mount's path, escapes included; begins with `/`.
    func route(_ method: HTTPMethod, _ path: Substring) -> Route?

    /// Whether a request that opens a session asks for an emergency call, which no limit applies to (emergency §4).
    func isEmergency(_ request: HTTPRequest) -> Bool

    /// The same, if there is a trunk for it.
    func takesEmergency(_ request: HTTPRequest) -> Bool

    /// Whether a body that opens a session certainly asks for no emergency call; false where a look is not enough.
    func isCertainlyOrdinary(_ body: UnsafeBufferPointer<UInt8>) -> Bool
}

extension API {
    /// For those that open no sessions.
    func isEmergency(_ request: HTTPRequest) -> Bool { false }

    /// For the same.
    func takesEmergency(_ request: HTTPRequest) -> Bool { false }

    /// For the same.
    func isCertainlyOrdinary(_ body: UnsafeBufferPointer<UInt8>) -> Bool { false }
}

/// What a request asks for: its path, and what its method does there.
struct Route {
    /// The path with its identifiers left out, for logs: `/sessions/{mediaSessionId}`.
    var template: String
    /// The methods the path has, for `Allow`.
    var allow: String
    /// Nil for a method the path does not have.
    var operation: Operation?
    /// What anybody gets at once, without a token: for what tells nothing about anyone. There is no operation then.
    var answer: Outcome?

    /// One operation of an API. The router authenticates and checks scope and media types before it is carried out.
    struct Operation {
        /// The scope the caller needs; nil where only the body can say.
        var scope: String?
        /// What the operation reads.
        var reads = Input.nothing
        /// Whether it may answer with JSON, which `Accept` must allow then.
        var answersJSON = true
        /// Whether it adds a session, of which a client may have so many.
        var opensSession = false
        /// Whether it ends one, which no limit may keep from happening while that lives and is the caller's.
        var endsSession = false
        /// The session it names, for logs.
        var session: SessionID?
        /// Carries it out as far as that goes without waiting.
        var carryOut: (Context) throws(CAMARAError) -> Outcome

        /// The body an operation reads.
        enum Input {
            case nothing
            /// JSON, and nothing that says it is something else.
            case json
            /// JSON, whatever its Content-Type says.
            case anything
        }
    }

    /// What an operation is given.
    struct Context {
        var request: HTTPRequest
        var caller: Caller
        /// The exchange's x-correlator.
        var correlator: String
        /// Where the reply goes that comes later.
        var reply: Reply
    }
}

/// The way back for an operation that has to wait: call it once, on any thread.
struct Reply: Sendable {
    let sink: any ReplySink
    let exchange: UInt64

    func callAsFunction(_ outcome: Result<Outcome, CAMARAError>) {
        sink.post(outcome, to: exchange)
    }
}

/// Takes replies from other threads; never waits.
protocol ReplySink: Sendable {
    func post(_ reply: Result<Outcome, CAMARAError>, to exchange: UInt64)
    /// Who sends the request of an exchange that could not be told at once.
    func post(caller: Result<Caller, CAMARAError>, to exchange: UInt64)
}

/// What an operation came to.
enum Outcome: Sendable {
    /// JSON.
    case content(any JSONWritable & Sendable, status: Int)
    case noContent
    /// A body as it stands, with headers of its own.
    case document(Document)
    /// The reply comes later. `abandonable` is the call to give up if the client leaves before.
    case waiting(abandonable: SessionID?)
}
