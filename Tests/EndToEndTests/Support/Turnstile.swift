import Testing

/// Lets suites that measure time or memory run while no other suite of this folder runs. The others share the machine.
actor Turnstile {
    static let shared = Turnstile()
    /// Whether the suite that runs has been let in.
    @TaskLocal static var isInside = false

    private var sharing = 0
    private var isAlone = false
    private var waitingAlone: [CheckedContinuation<Void, Never>] = []
    private var waitingShared: [CheckedContinuation<Void, Never>] = []

    func enter(alone: Bool) async {
        while isAlone || (alone && sharing > 0) {
            await withCheckedContinuation { continuation in
                if alone { waitingAlone.append(continuation) } else { waitingShared.append(continuation) }
            }
        }
        if alone { isAlone = true } else { sharing += 1 }
    }

    func leave(alone: Bool) {
        if alone { isAlone = false } else { sharing -= 1 }
        // Everyone looks again; those who share go first, so the lone ones come last and do not split the crowd.
        let woken = waitingShared + (sharing == 0 ? waitingAlone : [])
        waitingShared = []
        if sharing == 0 { waitingAlone = [] }
        for continuation in woken { continuation.resume() }
    }

    /// Runs what a suite does while it is let in.
    nonisolated func run(alone: Bool, _ function: @concurrent @Sendable () async throws -> Void) async throws {
        await enter(alone: alone)
        let result: Result<Void, any Error>
        do {
            result = .success(try await Turnstile.$isInside.withValue(true) { try await function() })
        } catch {
            result = .failure(error)
        }
        await leave(alone: alone)
        try result.get()
    }

    /// Records that a test starts a gateway and its suite has not been let in. It must be the suite that waits: a test that
    /// did would keep its place among those that run at once from the very suite that it waits for.
    static func mustBeInside() {
        if !isInside { Issue.record("the suite has no .gateway, .sharing or .alone trait") }
    }
}

/// Lets a suite in whose tests start gateways of their own.
struct TurnstileTrait: SuiteTrait, TestScoping {
    let isAlone: Bool

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        try await Turnstile.shared.run(alone: isAlone, function)
    }
}

extension Trait where Self == TurnstileTrait {
    /// The suite's tests start gateways of their own, beside other suites.
    static var sharing: TurnstileTrait { TurnstileTrait(isAlone: false) }

    /// They do while no other suite runs.
    static var alone: TurnstileTrait { TurnstileTrait(isAlone: true) }
}
