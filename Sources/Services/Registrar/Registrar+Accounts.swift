import CallCore
import Foundation

/// Numbers that have an account in the network: it is asked before a device is registered for one, and told when none is
/// any more (mapping §4).
extension Registrar {
    /// Who is asked, and for what numbers something is under way.
    struct Network {
        var accounts: (any NumberAccounts)?
        /// Requests under way, by number: until they are through, nothing is taken back in the network.
        var busy: [PhoneNumber: Int] = [:]
        private var isResuming = false
        private var isToResumeAgain = false

        /// False if it is under way: then it begins again at its end.
        mutating func beginResuming() -> Bool {
            isToResumeAgain = isResuming
            defer { isResuming = true }
            return !isResuming
        }

        /// At its end.
        mutating func mustResumeAgain() -> Bool {
            isResuming = isToResumeAgain
            defer { isToResumeAgain = false }
            return isToResumeAgain
        }
    }

    /// Carries out `body` with the end that the network grants instead of `expiry`: never a later one.
    func withAccount<Value: Sendable>(
        of number: PhoneNumber, until expiry: Date, _ body: (Date) async throws(CAMARAError) -> Value
    ) async throws(CAMARAError) -> Value {
        guard let accounts = network.withLock(\.accounts), accounts.hasAccount(number) else {
            return try await body(expiry)
        }
        network.withLock { $0.busy[number, default: 0] += 1 }
        defer {
            network.withLock { network in
                let left = (network.busy[number] ?? 1) - 1
                network.busy[number] = left > 0 ? left : nil
            }
            leave(number)
        }
        let now = options.clock()
        let kept = store.registrations(of: number).map(\.expiresAt).max()
        let answer: Result<Duration, CAMARAError> = await withCheckedContinuation { continuation in
            accounts.register(
                number, for: .seconds(max(0, expiry.timeIntervalSince(now))),
                kept: kept.map { .seconds(max(0, $0.timeIntervalSince(now))) }
            ) { continuation.resume(returning: $0) }
        }
        return try await body(min(expiry, options.clock() + answer.get().timeInterval))
    }

    /// A registration of the number has ended, or did not come about: if it was the last, its account is left.
    func leave(_ number: PhoneNumber) {
        // Under the lock: whoever registers the number next comes after this, and asks the network after it.
        network.withLock { network in
            guard let accounts = network.accounts, network.busy[number] == nil, accounts.hasAccount(number),
                store.registrations(of: number).isEmpty
            else { return }
            accounts.release(number)
        }
    }

    /// The network has ended the account's registration: those of its devices count no more, and their ends are told. Any
    /// thread.
    public func networkEnded(_ number: PhoneNumber) {
        for registration in store.registrations(of: number) {
            guard store.removeRegistration(registration.id) != nil else { continue }
            options.onEnd(registration, .networkTerminated)
        }
        // It may be about to be registered anew, for the registrations that were there.
        leave(number)
    }

    /// Has the accounts of numbers registered that are not, though a device is registered for them: an earlier run has left
    /// them, or the accounts have changed. When the accounts can be asked; 500 numbers a second, however often it is called
    /// meanwhile.
    public func resumeAccounts() async {
        guard network.withLock({ $0.beginResuming() }) else { return }
        repeat {
            guard let accounts = network.withLock(\.accounts) else { continue }
            var rest = store.registeredNumbers().keys.filter { accounts.hasAccount($0) }[...]
            while !rest.isEmpty {
                resume(rest.prefix(Registrar.resumedAtOnce))
                rest = rest.dropFirst(Registrar.resumedAtOnce)
                await options.pause(Registrar.resumePause)
            }
        } while network.withLock { $0.mustResumeAgain() }
    }

    private static let resumedAtOnce = 50
    private static let resumePause = Duration.milliseconds(100)

    private func resume(_ numbers: ArraySlice<PhoneNumber>) {
        let now = options.clock()
        // Under the lock: whoever ends the last registration of one comes before this, or releases the account after it.
        network.withLock { network in
            guard let accounts = network.accounts else { return }
            let left = numbers.compactMap { number -> (number: PhoneNumber, time: Duration)? in
                guard accounts.hasAccount(number),
                    let end = store.registrations(of: number).map(\.expiresAt).max(), end > now
                else { return nil }
                return (number, .seconds(end.timeIntervalSince(now)))
            }
            if !left.isEmpty { accounts.resume(left) }
        }
    }
}
