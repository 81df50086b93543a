import CallCore
import Curl
import Foundation
import Synchronization

/// Mode `introspection`: bearer tokens (RFC 6750) that the provider is asked about (RFC 7662).
///
/// Its word is remembered: on an active token until its `exp`, a minute at the most; on any other for some seconds. While
/// it is silent, tokens that are not remembered get a 503.
public final class IntrospectionAuthenticator: Authenticator {
    /// Whom to ask and what to believe. Each value's key of the configuration file is in its comment.
    public struct Settings: Sendable {
        /// `api.auth.introspection.url`
        public var url: ProviderURL
        /// `api.auth.introspection.clientId`
        public var clientID: String
        /// `api.auth.introspection.clientSecret`
        public var clientSecret: String
        /// `api.auth.issuer`: must be the answer's `iss`, if it has one; nil checks nothing.
        public var issuer: String?
        /// `api.auth.audience`: must be among the answer's `aud`, if it has one; nil checks nothing.
        public var audience: String?
        /// `api.auth.phoneNumberClaim`
        public var phoneNumberClaim = "phone_number"
        /// `api.auth.clientIdClaim`: the first one present is the client.
        public var clientClaims = ["client_id", "azp", "sub"]
        /// A file of trusted certificates in PEM, in place of the system's.
        public var certificates: String?
        /// How long a request waits for the provider; then it is 503.
        public var timeout: Duration = .seconds(2)
        /// How long an active token is believed without asking again.
        public var activeMemory: Duration = .seconds(60)
        /// How long any other is refused without asking again.
        public var inactiveMemory: Duration = .seconds(5)
        /// Tokens that are remembered, of each kind.
        public var rememberedTokens = 10_000
        /// Questions to the provider at a time.
        public var questions = 32
        /// Requests that wait for an answer; a further one is 503.
        public var waiting = 1_000
        /// Called on the asking thread when the provider stops or begins to answer; must not wait.
        public var onChange: @Sendable (ProviderChange) -> Void = { _ in }

        /// Settings with the defaults of the configuration.
        public init(url: ProviderURL, clientID: String, clientSecret: String) {
            self.url = url
            self.clientID = clientID
            self.clientSecret = clientSecret
        }
    }

    /// Largest answer taken, in bytes.
    static let maximumBytes = 64 * 1024
    /// For `Retry-After` while the provider is silent, in seconds.
    static let retryAfter = 2
    /// How far the provider's clock may be off where an answer has an `nbf`, in seconds.
    private static let leeway: Double = 60

    /// A request that waits.
    private struct Waiter: Sendable {
        var id: UInt64
        var answer: @Sendable (Result<Caller, CAMARAError>) -> Void
    }

    /// Times of the memory are seconds of the monotonic clock: a wall clock put back must not lengthen a belief.
    private struct State {
        var active: ExpiringCache<TokenDigest, Caller>
        /// Its own, so that forged tokens push no good one out.
        var inactive: ExpiringCache<TokenDigest, Void>
        var introspections: Introspections<Waiter>
        var lastWaiter: UInt64 = 0
        var health = ProviderHealth()
    }

    private let settings: Settings
    private let rules: Introspection.Rules
    private let fetcher: HTTPFetcher
    private let wallClock: @Sendable () -> Double
    private let clock: @Sendable () -> UInt64
    private let state: Mutex<State>

    /// Starts the asking thread; asks nothing yet.
    /// - Parameters:
    ///   - wallClock: seconds since 1970.
    ///   - clock: the monotonic clock, nanoseconds.
    /// - Throws: ``CurlError`` with what the machine lacks.
    public init(
        _ settings: Settings, wallClock: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
        clock: @escaping @Sendable () -> UInt64 = MonotonicClock.now
    ) throws(CurlError) {
        self.settings = settings
        self.wallClock = wallClock
        self.clock = clock
        rules = Introspection.Rules(
            claims: ClaimRules(
                phoneNumberClaim: settings.phoneNumberClaim, clientClaims: settings.clientClaims,
                leeway: IntrospectionAuthenticator.leeway),
            issuer: settings.issuer, audience: settings.audience,
            longestMemory: Double(settings.activeMemory.nanoseconds) / 1e9)
        fetcher = try HTTPFetcher(
            HTTPFetcher.Settings(certificates: settings.certificates, maximumInFlight: max(1, settings.questions)))
        let limits = Introspections<Waiter>.Limits(
            inFlight: max(1, settings.questions), waiting: max(1, settings.waiting),
            patience: settings.timeout.nanoseconds)
        state = Mutex(
            State(
                active: ExpiringCache(capacity: settings.rememberedTokens),
                inactive: ExpiringCache(capacity: settings.rememberedTokens), introspections: Introspections(limits)))
    }

    /// The caller, if the token is remembered; nil if the provider has to be asked.
    public func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller? {
        guard let token = BearerToken.token(in: authorization) else { throw .unauthenticated }
        let digest = TokenDigest(token)
        let seconds = Double(clock()) / 1e9
        let (caller, isInactive) = state.withLock { state in
            let caller = state.active.value(for: digest, at: seconds)
            return (caller, caller == nil && state.inactive.value(for: digest, at: seconds) != nil)
        }
        if isInactive { throw .unauthenticated }
        return caller
    }

    /// Asks the provider, or waits for the answer to somebody else's question about the same token.
    /// A request that is taken back frees its place; a question that is on its way already is still answered, for the
    /// memory.
    @discardableResult
    public func lookUp(
        _ authorization: String, answer: @escaping @Sendable (Result<Caller, CAMARAError>) -> Void
    ) -> Withdrawal {
        guard let token = BearerToken.token(in: authorization) else {
            answer(.failure(.unauthenticated))
            return {}
        }
        let digest = TokenDigest(token)
        let now = clock()
        let (id, joined) = state.withLock { state in
            state.lastWaiter += 1
            let waiter = Waiter(id: state.lastWaiter, answer: answer)
            return (waiter.id, state.introspections.join(digest, token: token, waiter, at: now))
        }
        switch joined {
        case .ask(let question): ask(question)
        case .waits: break
        case .full:
            answer(.failure(.tokensCannotBeVerified(retryAfter: IntrospectionAuthenticator.retryAfter)))
            return {}
        }
        return { [weak self] in self?.state.withLock { $0.introspections.leave(digest) { $0.id == id } } }
    }

    /// Requests that wait, for tests that look for leaks.
    var waiting: Int { state.withLock { $0.introspections.waiting } }

    private func ask(_ question: Introspections<Waiter>.Question) {
        let request = FetchRequest(
            url: settings.url, form: [("token", question.token), ("token_type_hint", "access_token")],
            credentials: (settings.clientID, settings.clientSecret),
            timeout: .nanoseconds(Int64(clamping: question.patience)),
            maximumBytes: IntrospectionAuthenticator.maximumBytes)
        fetcher.fetch(request) { [weak self] in self?.finish(question.digest, $0) }
    }

    /// On the asking thread.
    private func finish(_ digest: TokenDigest, _ result: Result<FetchResponse, ProviderFailure>) {
        let word: Introspection =
            switch result {
            case .success(let response): Introspection(response.body, rules, at: wallClock())
            case .failure(let failure): .unknown(failure)
            }
        let silent = CAMARAError.tokensCannotBeVerified(retryAfter: IntrospectionAuthenticator.retryAfter)
        let now = clock()
        let (finished, change) = state.withLock { state in
            let seconds = Double(now) / 1e9
            let change: ProviderChange?
            switch word {
            case .active(let caller, let good):
                state.active.insert(caller, for: digest, validUntil: seconds + good)
                change = state.health.observe(nil)
            case .inactive:
                let memory = Double(settings.inactiveMemory.nanoseconds) / 1e9
                state.inactive.insert((), for: digest, validUntil: seconds + memory)
                change = state.health.observe(nil)
            case .unknown(let failure): change = state.health.observe(failure)
            }
            return (state.introspections.finish(digest, at: now), change)
        }
        let answer: Result<Caller, CAMARAError> =
            switch word {
            case .active(let caller, _): .success(caller)
            case .inactive: .failure(.unauthenticated)
            case .unknown: .failure(silent)
            }
        for waiter in finished.told { waiter.answer(answer) }
        for waiter in finished.tooLate { waiter.answer(.failure(silent)) }
        for question in finished.next { ask(question) }
        if let change { settings.onChange(change) }
    }
}
