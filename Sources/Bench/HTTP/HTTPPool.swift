import Glibc

/// The keep-alive connections to the API: opened when needed, used last in first out.
final class HTTPPool {
    /// More connections than this are never open at once; requests beyond wait for one.
    static let limit = 4_000
    /// A connection unused for longer is closed rather than reused: the server may be closing it just now.
    static let longestIdle = Nanoseconds.seconds(5)

    private let port: UInt16
    private let poller: Poller
    private var connections: [HTTPConnection?] = []
    private var idle: [Int] = []
    private var vacant: [Int] = []
    private(set) var openCount = 0

    init(port: UInt16, poller: Poller) {
        self.port = port
        self.poller = poller
    }

    /// A free connection; nil when all of ``limit`` are in use.
    /// - Parameter isUrgent: opens one more than that rather than wait.
    func take(at now: Nanoseconds, isUrgent: Bool) throws -> HTTPConnection? {
        while let index = idle.popLast() {
            guard let connection = connections[index] else { continue }
            if now - connection.idleSince <= HTTPPool.longestIdle { return connection }
            discard(connection)
        }
        guard openCount < HTTPPool.limit || isUrgent else { return nil }
        let index = vacant.popLast() ?? connections.count
        if index == connections.count { connections.append(nil) }
        do {
            let connection = try HTTPConnection.open(port: port, index: index, at: now)
            try poller.watch(connection.descriptor, key: UInt64(index), writable: false)
            connections[index] = connection
            openCount += 1
            return connection
        } catch {
            vacant.append(index)
            throw error
        }
    }

    func giveBack(_ connection: HTTPConnection) { idle.append(connection.index) }

    /// Closes a connection; the poller forgets it with its descriptor.
    func discard(_ connection: HTTPConnection) {
        guard connections[connection.index] === connection else { return }
        connections[connection.index] = nil
        vacant.append(connection.index)
        openCount -= 1
        idle.removeAll { $0 == connection.index }
    }

    /// The connection watched under `key`; nil when it was closed since.
    func connection(key: UInt64) -> HTTPConnection? {
        key < UInt64(connections.count) ? connections[Int(key)] : nil
    }

    /// Watches for room to write while a request is not out yet.
    func watchOutput(of connection: HTTPConnection, _ writable: Bool) throws {
        try poller.watch(connection.descriptor, key: UInt64(connection.index), writable: writable, known: true)
    }
}
