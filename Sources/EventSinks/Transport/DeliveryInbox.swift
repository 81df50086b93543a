import CallCore
import Synchronization

/// What other threads ask of the delivery thread, in order. Asking costs a short lock and, if the thread sleeps, a
/// wake-up; it never waits for the thread.
final class DeliveryInbox: Sendable {
    enum Command: Sendable {
        case deliver(Delivery, at: UInt64)
        case replaceCredential(SinkCredential?, SubscriptionID)
        case cancel(SubscriptionID)
        /// Ends the thread once nothing is pending, at `deadline` at the latest, and tells how many events are left.
        case stop(deadline: UInt64, CheckedContinuation<Int, Never>)
    }

    /// Why an event was not taken.
    enum Refusal: Sendable { case full, closed }

    private struct State {
        var commands: [Command] = []
        var deliveries = 0
        var bytes = 0
        var isWoken = false
        var isClosed = false
        var wake: (@Sendable () -> Void)?

        mutating func add(_ command: Command) {
            commands.append(command)
            if !isWoken, let wake {
                isWoken = true
                wake()
            }
        }
    }

    private let state = Mutex(State())
    private let maximumDeliveries: Int
    private let maximumBytes: Int

    init(maximumDeliveries: Int, maximumBytes: Int) {
        self.maximumDeliveries = maximumDeliveries
        self.maximumBytes = maximumBytes
    }

    /// How to interrupt the thread's wait.
    func open(wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.wake = wake
            if !state.commands.isEmpty {
                state.isWoken = true
                wake()
            }
        }
    }

    /// Puts what an earlier run left in front of what came since. Not counted against the bounds: the store has its own.
    func putFirst(_ deliveries: [Delivery], at time: UInt64) {
        state.withLock { state in
            state.commands.insert(contentsOf: deliveries.map { .deliver($0, at: time) }, at: 0)
        }
    }

    /// Takes an event unless the thread is too far behind, or gone.
    func deliver(_ delivery: Delivery, at time: UInt64) -> Refusal? {
        let bytes = delivery.roughSize
        return state.withLock { state in
            if state.isClosed { return .closed }
            guard state.deliveries < maximumDeliveries, state.bytes + bytes <= maximumBytes else { return .full }
            state.deliveries += 1
            state.bytes += bytes
            state.add(.deliver(delivery, at: time))
            return nil
        }
    }

    /// Adds any other command. False if the thread is gone.
    func post(_ command: Command) -> Bool {
        state.withLock { state in
            if state.isClosed { return false }
            state.add(command)
            return true
        }
    }

    /// Takes all that is there.
    func drain() -> [Command] {
        state.withLock { state in
            state.isWoken = false
            if state.commands.isEmpty { return [] }
            let commands = state.commands
            state.commands = []
            state.commands.reserveCapacity(min(commands.count, 256))
            state.deliveries = 0
            state.bytes = 0
            return commands
        }
    }

    /// Takes what is left; nothing more is accepted, and the thread is no longer woken.
    func close() -> [Command] {
        state.withLock { state in
            state.isClosed = true
            state.wake = nil
            defer { state.commands = [] }
            return state.commands
        }
    }
}

extension Delivery {
    /// About what it occupies, without encoding it.
    var roughSize: Int {
        switch event.body {
        case .sessionInvitation(let data), .sessionStatus(let data):
            2_048 + (data.offer?.sdp.utf8.count ?? 0) + (data.answer?.sdp.utf8.count ?? 0)
        case .registrationEnds, .subscriptionEnded: 2_048
        }
    }
}
