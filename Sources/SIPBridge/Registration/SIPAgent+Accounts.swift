import CallCore

/// The accounts that numbers have at trunks (mapping §4, mode `account`).
extension SIPAgent: NumberAccounts {
    /// Any thread.
    public nonisolated func hasAccount(_ number: PhoneNumber) -> Bool {
        accounts.withLock { $0.contains { $0.holds(number) } }
    }

    /// Any thread; replies on the SIP thread.
    public nonisolated func register(
        _ number: PhoneNumber, for time: Duration, kept: Duration?,
        reply: @escaping @Sendable (Result<Duration, CAMARAError>) -> Void
    ) {
        thread.post { [weak self] in
            guard let self else { return reply(.failure(RegistrationFailure.unreachable.error)) }
            assumeIsolated { $0.registerNumber(number, for: time, kept: kept, reply: reply) }
        }
    }

    /// Any thread.
    public nonisolated func resume(_ numbers: [(number: PhoneNumber, time: Duration)]) {
        thread.post { [weak self] in self?.assumeIsolated { $0.resumeNumbers(numbers) } }
    }

    /// Any thread.
    public nonisolated func release(_ number: PhoneNumber) {
        thread.post { [weak self] in
            self?.assumeIsolated { agent in
                if let binding = agent.bindings.ofNumbers[number] { agent.handle(.release, in: binding) }
            }
        }
    }

    private static let registerBatch = 50
    private static let registerPause = Duration.milliseconds(100)

    private func registerNumber(
        _ number: PhoneNumber, for time: Duration, kept: Duration?,
        reply: @escaping @Sendable (Result<Duration, CAMARAError>) -> Void
    ) {
        guard handle != nil, !isDraining else {
            let wait = FinalResponse.defaultRetryAfter
            return reply(
                .failure(CAMARAError(503, .unavailable, "The gateway is shutting down.", retryAfter: wait)))
        }
        // It had one when it was asked for: the configuration has changed meanwhile.
        guard let binding = binding(of: number) else { return reply(.failure(RegistrationFailure.unreachable.error)) }
        let clock = options.clock
        binding.waiting.append { outcome in
            switch outcome {
            case .success(let until):
                let now = clock()
                reply(.success(.nanoseconds(Int64(clamping: max(until, now) - now))))
            case .failure(let failure): reply(.failure(failure.error))
            }
        }
        let now = clock()
        handle(.want(until: now &+ time.nanoseconds, kept: kept.map { now &+ $0.nanoseconds }), in: binding)
    }

    private func resumeNumbers(_ numbers: [(number: PhoneNumber, time: Duration)]) {
        guard handle != nil, !isDraining else { return }
        for (number, time) in numbers {
            if let known = bindings.ofNumbers[number], known.state.isWanted {
                renew(known)
            } else if let binding = binding(of: number) {
                handle(.resume(until: options.clock() &+ time.nanoseconds), in: binding)
            }
        }
    }

    /// The number's binding, made if there is none; nil without an account.
    private func binding(of number: PhoneNumber) -> ActiveBinding? {
        if let known = bindings.ofNumbers[number] { return known }
        guard let (index, registration) = home(of: number) else { return nil }
        return makeBinding(index, phone: number, user: number.text, registration.policy)
    }

    /// The trunk that a number has its account at.
    func home(of number: PhoneNumber) -> (index: Int, registration: TrunkRegistration)? {
        for index in slots.current {
            if let registration = options.trunks[index].registration, registration.holds(number) {
                return (index, registration)
            }
        }
        return nil
    }

    // MARK: - The end

    /// Takes every binding back, for at most `time`; what is left by then runs out by itself. When no call needs them.
    func unregister(within time: Duration) async {
        let until = ContinuousClock.now + time
        var rest = Array(bindings.all.values)[...]
        while !rest.isEmpty, ContinuousClock.now < until {
            for binding in rest.prefix(SIPAgent.registerBatch) where bindings.all[binding.number] != nil {
                handle(.release, in: binding)
            }
            rest = rest.dropFirst(SIPAgent.registerBatch)
            if !rest.isEmpty { try? await Task.sleep(for: SIPAgent.registerPause) }
        }
        while !bindings.all.isEmpty, ContinuousClock.now < until {
            try? await Task.sleep(for: .milliseconds(20))
        }
    }

    // MARK: - For operators

    /// How the trunks are registered, in the order of the configuration; nil for those that nothing is registered with.
    public func registrations() -> [RegistrationFigures?] {
        var figures = options.trunks.map { trunk in
            trunk.registration.map {
                RegistrationFigures(mode: $0.mode, counts: bindings.counts[trunk.name] ?? RegisterCounts())
            }
        }
        let now = options.clock()
        for binding in bindings.all.values {
            guard let condition = binding.state.condition(at: now) else { continue }
            figures[binding.trunk]?.bindings[condition, default: 0] += 1
        }
        return slots.current.map { figures[$0] }
    }
}

/// How a trunk is registered at a moment.
public struct RegistrationFigures: Sendable, Equatable {
    /// What is registered with it.
    public var mode: TrunkRegistration.Mode
    /// Addresses of record by how they stand: one at most of a trunk's own, or numbers.
    public var bindings: [RegistrarBinding.Condition: Int] = [:]
    /// Since the start.
    public var counts: RegisterCounts

    /// Takes every value as given.
    public init(mode: TrunkRegistration.Mode, counts: RegisterCounts) {
        self.mode = mode
        self.counts = counts
    }
}
