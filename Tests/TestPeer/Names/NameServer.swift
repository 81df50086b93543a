import Foundation
import Synchronization
import TestSink

/// A name server on loopback, over UDP and TCP, that answers what a test says.
package final class NameServer: Sendable {
    package struct Query: Sendable, Equatable {
        /// The same when the resolver asks again because no answer came in time.
        package let id: UInt16
        package let name: String
        package let type: UInt16
        package let isTCP: Bool
    }

    package enum Reply: Sendable {
        case silence
        /// RFC 1035 §4.1.1: 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.
        case failure(UInt8)
        case truncated
        /// Types, times to live and contents.
        case records([(type: UInt16, life: UInt32, content: [UInt8])])
        /// The same, once the gate is open. Over UDP only.
        indirect case after(DispatchSemaphore, Reply)
    }

    package typealias Script = @Sendable (Query) -> Reply

    /// What has been asked.
    package let queries = Mailbox<Query>()
    /// `address:port`.
    package let servers: String
    /// Of both UDP and TCP.
    package var port: UInt16 { socket.address.port }
    private let socket: UDPSocket
    private let listener: SharedSocket

    /// At one port in both transports: a free one unless it is named.
    /// - Throws: ``SocketError``.
    package init(host: String = "127.0.0.1", port: UInt16? = nil, _ script: @escaping Script) throws {
        let udp = try UDPSocket(host: host, port: port ?? FreePort.next())
        let listener = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard udp.address.withRaw({ bind(listener, $0, $1) }) == 0, listen(listener, 8) == 0 else {
            defer { close(listener) }
            throw SocketError("bind and listen on \(udp.address)")
        }
        socket = udp
        servers = "\(udp.address)"
        let queries = queries
        udp.start { [weak udp] datagram, source in
            guard let udp, let query = NameServer.read(datagram, isTCP: false) else { return }
            queries.put(query)
            NameServer.answer(datagram, script(query)) { _ = udp.send($0, to: source) }
        }
        let shared = SharedSocket(listener)
        self.listener = shared
        Thread.detachNewThread {
            defer { shared.close() }
            while let accepted = shared.accept() {
                defer { accepted.close() }
                let connection = accepted.descriptor
                // Whoever says nothing is not waited for.
                var patience = timeval(tv_sec: 5, tv_usec: 0)
                setsockopt(
                    connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
                // One query a connection is all that a truncated answer leads to.
                var bytes = [UInt8](repeating: 0, count: 1_024)
                let count = recv(connection, &bytes, bytes.count, 0)
                guard count > 2, let query = NameServer.read(Array(bytes[2..<count]), isTCP: true) else { continue }
                queries.put(query)
                NameServer.answer(Array(bytes[2..<count]), script(query)) { message in
                    let framed = NameServer.bytes(UInt16(message.count)) + message
                    _ = send(connection, framed, framed.count, Int32(MSG_NOSIGNAL))
                }
            }
        }
    }

    deinit { listener.end() }

    private static func answer(_ query: [UInt8], _ reply: Reply, _ send: @escaping @Sendable ([UInt8]) -> Void) {
        switch reply {
        case .silence: break
        case .failure(let code): send(message(query, flags: 0x8180 | UInt16(code), []))
        case .truncated: send(message(query, flags: 0x8380, []))
        case .records(let records): send(message(query, flags: 0x8180, records))
        case .after(let gate, let reply):
            Thread.detachNewThread {
                gate.wait()
                // A gate that is open is open to all: a query that came twice waits here twice.
                gate.signal()
                answer(query, reply, send)
            }
        }
    }

    private static func message(
        _ query: [UInt8], flags: UInt16, _ records: [(type: UInt16, life: UInt32, content: [UInt8])]
    ) -> [UInt8] {
        let question = Array(query[12..<questionEnd(query)])
        var message = Array(query[0..<2]) + bytes(flags) + bytes(1) + bytes(UInt16(records.count)) + bytes(0) + bytes(0)
        message += question
        for record in records {
            // The owner is the name of the question.
            message += [0xC0, 12] + bytes(record.type) + bytes(1)
            message += bytes(UInt16(record.life >> 16)) + bytes(UInt16(truncatingIfNeeded: record.life))
            message += bytes(UInt16(record.content.count)) + record.content
        }
        return message
    }

    private static func questionEnd(_ query: [UInt8]) -> Int {
        var place = 12
        while place < query.count, query[place] != 0 { place += Int(query[place]) + 1 }
        return min(place + 5, query.count)
    }

    private static func read(_ query: [UInt8], isTCP: Bool) -> Query? {
        guard query.count > 16 else { return nil }
        var (place, labels) = (12, [String]())
        while place < query.count, query[place] != 0 {
            let end = place + 1 + Int(query[place])
            guard end + 4 < query.count else { return nil }
            labels.append(String(decoding: query[(place + 1)..<end], as: UTF8.self))
            place = end
        }
        let type = UInt16(query[place + 1]) << 8 | UInt16(query[place + 2])
        let id = UInt16(query[0]) << 8 | UInt16(query[1])
        return Query(id: id, name: labels.joined(separator: ".").lowercased(), type: type, isTCP: isTCP)
    }

    package static func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number >> 8), UInt8(truncatingIfNeeded: number)] }

    package static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    package static func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + Array(text.utf8) }
}
