import Foundation
import Synchronization

/// Ports for a program that is started with its ports written down.
package enum FreePort {
    private static let given = Mutex<Set<UInt16>>([])

    /// A port that is free for UDP and TCP on loopback now, and is handed out once. It lies below the range the kernel
    /// gives to sockets without a port of their own, so that none of those takes it before the program does.
    package static func next() throws -> UInt16 {
        for _ in 0..<1_000 {
            let port = UInt16.random(in: 20_000...32_000)
            guard given.withLock({ $0.insert(port).inserted }) else { continue }
            if isFree(port, SOCK_DGRAM) && isFree(port, SOCK_STREAM) { return port }
        }
        throw SocketError(explaining: "no free port between 20000 and 32000")
    }

    /// A port that is free, and so is the one after it: for programs that take both.
    package static func pair() throws -> UInt16 {
        for _ in 0..<100 {
            let port = try next()
            guard given.withLock({ $0.insert(port + 1).inserted }) else { continue }
            if isFree(port + 1, SOCK_DGRAM) && isFree(port + 1, SOCK_STREAM) { return port }
        }
        throw SocketError(explaining: "no two free ports in a row between 20000 and 32000")
    }

    private static func isFree(_ port: UInt16, _ kind: __socket_type) -> Bool {
        Births.gate.withLock { _ in
            let probe = socket(AF_INET, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
            defer { close(probe) }
            return SocketAddress(port: port).withRaw { bind(probe, $0, $1) } == 0
        }
    }
}
