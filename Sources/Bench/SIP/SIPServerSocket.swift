import CBench
import Glibc

/// The UDP socket of the user agent server, on 127.0.0.1.
final class SIPServerSocket {
    private static let bufferBytes: Int32 = 16 * 1_024 * 1_024

    private let datagrams: OpaquePointer
    /// `sip:` URI of our Contact.
    let contact: [UInt8]
    let port: UInt16

    init() throws {
        guard let opened = cbench_datagrams_open(SIPServerSocket.bufferBytes) else {
            throw BenchError.system("UDP socket", errno)
        }
        datagrams = opened
        port = cbench_datagrams_port(opened)
        contact = Array("sip:bench@127.0.0.1:\(port)".utf8)
    }

    deinit { cbench_datagrams_close(datagrams) }

    var descriptor: Int32 { cbench_datagrams_descriptor(datagrams) }
    /// Datagrams that the kernel did not take.
    var refused: UInt64 { cbench_datagrams_refused(datagrams) }

    /// Calls `handle` for each datagram that is waiting, with its bytes, their number, the sender and the time at which the
    /// kernel put it into the socket.
    func receive(_ handle: (UnsafePointer<UInt8>, Int, sockaddr_in, Nanoseconds) throws -> Void) rethrows {
        let count = cbench_datagrams_receive(datagrams)
        for index in 0..<count {
            var length = 0
            var source = sockaddr_in()
            var arrival: Nanoseconds = 0
            guard let bytes = cbench_datagrams_bytes(datagrams, index, &length, &source, &arrival) else { continue }
            try handle(bytes, length, source, arrival)
        }
    }

    /// Queues a datagram that `write` fills in; returns what was queued, valid until the next flush.
    @discardableResult
    func send(to destination: sockaddr_in, _ write: (inout ByteWriter) -> Void) -> UnsafeBufferPointer<UInt8> {
        var destination = destination
        guard let start = cbench_datagrams_reserve(datagrams, &destination) else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        var writer = ByteWriter(start, capacity: Int(CBENCH_DATAGRAM_BYTES))
        write(&writer)
        cbench_datagrams_commit(datagrams, writer.count)
        return UnsafeBufferPointer(start: start, count: writer.count)
    }

    func flush() { cbench_datagrams_flush(datagrams) }
}
