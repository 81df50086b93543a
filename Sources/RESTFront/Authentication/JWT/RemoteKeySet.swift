import CallCore
import Curl
import Foundation
import Synchronization

/// The keys a provider publishes at an URL (RFC 7517 §5): fetched at once, then again before they are old.
///
/// A provider that is down keeps nobody from starting: without keys, tokens get a 503, and fetching goes on with growing
/// pauses. Keys that cannot be refreshed stay good for a day. A token's unknown `kid` causes one fetch in ten seconds and
/// a 401; the next token with it finds its key.
///
/// Keys are swapped whole. A look-up shares a lock with that swap, never with a fetch or the reading of its answer.
public final class RemoteKeySet: Sendable {
    /// How keys are fetched. Each value's key of the configuration file is in its comment.
    public struct Settings: Sendable {
        /// `api.auth.jwks`
        public var url: ProviderURL
        /// A file of trusted certificates in PEM, in place of the system's.
        public var certificates: String?
        /// Of one fetch, from the look-up of the name to the end of the answer.
        public var timeout: Duration = .seconds(5)
        /// Called on the fetching thread when the provider stops or begins to answer; must not wait.
        public var onChange: @Sendable (ProviderChange) -> Void = { _ in }
        var bounds = KeyRefresh.Bounds()

        /// Settings with the defaults.
        public init(url: ProviderURL) {
            self.url = url
        }
    }

    /// Largest answer taken, in bytes. A key has some 500.
    static let maximumBytes = 256 * 1024

    private struct State {
        var keys: JSONWebKeySet?
        var refresh: KeyRefresh
        var health = ProviderHealth()
    }

    private let settings: Settings
    /// Of this key set alone.
    let fetcher: HTTPFetcher
    private let state: Mutex<State>
    private let revisions = Atomic<Int>(0)

    /// Starts a thread and the first fetch; does not wait for it.
    /// - Throws: ``CurlError`` with what the machine lacks.
    public init(_ settings: Settings) throws(CurlError) {
        self.settings = settings
        fetcher = try HTTPFetcher(HTTPFetcher.Settings(certificates: settings.certificates, maximumInFlight: 2))
        state = Mutex(State(refresh: KeyRefresh(settings.bounds, now: MonotonicClock.now())))
        fetchIfDue()
    }

    /// Whether there are keys to verify tokens with. Any thread.
    public var isReady: Bool {
        let now = MonotonicClock.now()
        return state.withLock { $0.keys != nil && $0.refresh.isGood(at: now) }
    }

    private func fetchIfDue() {
        let now = MonotonicClock.now()
        if state.withLock({ $0.refresh.begin(at: now) }) { fetch() }
    }

    private func fetch() {
        let request = FetchRequest(
            url: settings.url, timeout: settings.timeout, maximumBytes: RemoteKeySet.maximumBytes)
        fetcher.fetch(request) { [weak self] in self?.finish($0) }
    }

    /// On the fetching thread.
    private func finish(_ result: Result<FetchResponse, ProviderFailure>) {
        let outcome: Result<JSONWebKeySet, ProviderFailure> = result.flatMap { response in
            do throws(JSONWebKeySet.Unusable) {
                return .success(try JSONWebKeySet(response.body))
            } catch {
                return .failure(.unreadable(error.description))
            }
        }
        let now = MonotonicClock.now()
        let (due, change) = state.withLock { state in
            let change: ProviderChange?
            switch outcome {
            case .success(let keys):
                // One that is gone was taken back: whoever it vouched for has to be vouched for anew.
                if let old = state.keys, !keys.keepsAllKeys(of: old) { revisions.add(1, ordering: .releasing) }
                state.keys = keys
                state.refresh.succeed(at: now, maximumAge: (try? result.get())?.maximumAge)
                change = state.health.observe(nil)
            case .failure(let failure):
                state.refresh.fail(at: now, spread: Double.random(in: 0..<1))
                if !state.refresh.isGood(at: now), state.keys != nil {
                    state.keys = nil
                    // What comes next cannot be compared with them.
                    revisions.add(1, ordering: .releasing)
                }
                change = state.health.observe(failure)
            }
            return (state.refresh.due, change)
        }
        fetcher.setAlarm(at: due) { [weak self] in self?.fetchIfDue() }
        if let change { settings.onChange(change) }
    }
}

extension RemoteKeySet: VerificationKeys {
    var revision: Int { revisions.load(ordering: .acquiring) }

    func find(_ algorithm: SigningAlgorithm, id: String?) -> KeySearch {
        let now = MonotonicClock.now()
        let (search, fetches) = state.withLock { state -> (KeySearch, Bool) in
            guard let keys = state.keys, state.refresh.isGood(at: now) else {
                return (.unavailable(seconds: state.refresh.secondsUntilDue(at: now)), false)
            }
            if let key = keys.key(for: algorithm, id: id) { return (.found(key), false) }
            return (.unknown, id != nil && state.refresh.beginForUnknownKey(at: now))
        }
        if fetches { fetch() }
        return search
    }
}
