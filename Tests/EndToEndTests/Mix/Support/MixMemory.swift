import Synchronization
import TestPeer

/// The gateway's resident memory and its live calls, looked at once a second.
final class MixMemory: Sendable {
    private let samples = Mutex<[Int]>([])

    /// Looks until the task is cancelled.
    func watch(_ gateway: GatewayProcess) async {
        while !Task.isCancelled {
            if let figures = try? gateway.figures { samples.withLock { $0.append(figures.residentKiB) } }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// The medians of the three thirds of the run, in KiB; the first `warmUp` looks are left out, while calls fill the
    /// gateway up to what it keeps of the ended ones.
    func thirds(warmUp: Int) -> [Int] {
        let samples = samples.withLock { Array($0.dropFirst(warmUp)) }
        guard samples.count >= 3 else { return [] }
        let size = samples.count / 3
        return (0..<3).map { part in
            let third = samples[(part * size)..<(part == 2 ? samples.count : (part + 1) * size)].sorted()
            return third[third.count / 2]
        }
    }
}
