import Foundation
import Synchronization

/// A socket that one thread uses and closes, and others may end. A number ended after it was closed would be another
/// socket's by then, of anyone in the process.
package final class SharedSocket: Sendable {
    /// For the thread that uses it.
    package let descriptor: Int32
    private let isOpen = Mutex(true)

    /// Takes the socket over; whoever uses it closes it.
    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Ends it both ways: whoever waits in it returns. Nothing if it is closed. From any thread.
    package func end() {
        isOpen.withLock { if $0 { shutdown(descriptor, Int32(SHUT_RDWR)) } }
    }

    /// Closes it, once.
    package func close() {
        isOpen.withLock { isOpen in
            if isOpen { Foundation.close(descriptor) }
            isOpen = false
        }
    }

    /// The next connection of one that listens; nil once it has been ended.
    package func accept() -> SharedSocket? {
        while true {
            let connection = Foundation.accept(descriptor, nil, nil)
            if connection >= 0 {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                return SharedSocket(connection)
            }
            if errno != EINTR, errno != ECONNABORTED { return nil }
        }
    }
}

extension SharedSocket: Hashable {
    package static func == (one: SharedSocket, other: SharedSocket) -> Bool { one === other }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
