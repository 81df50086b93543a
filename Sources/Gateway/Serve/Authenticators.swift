import Configuration
import RESTFront
import Synchronization

/// The authenticator in use, kept over a reload if nothing of it has changed: it remembers tokens, and one that asks a provider
/// has its keys already.
final class Authenticators: Sendable {
    private let current: Mutex<(configuration: Configuration.Authentication, authenticator: any Authenticator)>

    init(_ authenticator: any Authenticator, for configuration: Configuration.Authentication) {
        current = Mutex((configuration, authenticator))
    }

    /// The one for a configuration: a key set in a file is read again.
    /// - Throws: as making one does.
    func next(for configuration: Configuration.Authentication, log: Log) throws -> any Authenticator {
        let (old, authenticator) = current.withLock { ($0.configuration, $0.authenticator) }
        if old == configuration, !configuration.readsKeyFile { return authenticator }
        return try configuration.authenticator(log: log)
    }

    func use(_ authenticator: any Authenticator, for configuration: Configuration.Authentication) {
        current.withLock { $0 = (configuration, authenticator) }
    }
}

extension Configuration.Authentication {
    fileprivate var readsKeyFile: Bool {
        if case .jwt(let jwt) = self, case .file = jwt.keySet { true } else { false }
    }
}

/// Lets one after the other do something that waits.
actor Turns {
    private var last: Task<Void, Never>?

    func take<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        let before = last
        let turn = Task {
            await before?.value
            return await body()
        }
        last = Task { _ = await turn.value }
        return await turn.value
    }
}
