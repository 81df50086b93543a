import Foundation

/// Tells systemd how the service is (sd_notify(3)): datagrams to the socket that it has named in the environment. Without
/// one nothing is told.
struct ServiceManager: Sendable {
    /// What is told.
    enum State: String, Sendable {
        /// The start is over.
        case ready = "READY=1"
        /// The end has begun.
        case stopping = "STOPPING=1"
        /// The threads that every call needs are alive.
        case alive = "WATCHDOG=1"
    }

    /// Where; a leading `@` stands for the NUL of an abstract name. Nil: nobody listens.
    private let socketName: String?
    /// Whether the watchdog waits for ``State/alive``: `WatchdogSec` of the unit, and for this process.
    let hasWatchdog: Bool

    init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        process: Int32 = ProcessInfo.processInfo.processIdentifier
    ) {
        let name = environment["NOTIFY_SOCKET"]
        socketName = name.flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(process) } ?? true
        hasWatchdog = socketName != nil && isOurs && (environment["WATCHDOG_USEC"].flatMap { UInt64($0) } ?? 0) > 0
    }

    /// Any thread; never waits. False if nobody was told.
    @discardableResult
    func tell(_ state: State) -> Bool {
        guard let socketName else { return false }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socketName.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        if name[0] == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path).map { $0 + name.count } ?? 0)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let bytes = Array(state.rawValue.utf8)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                sendto(
                    descriptor, bytes, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL),
                    address, length) == bytes.count
            }
        }
    }
}
