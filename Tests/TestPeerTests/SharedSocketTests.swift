import Foundation
import TestSink
import Testing

@Suite struct SharedSocketTests {
    private func pair() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    @Test("One that is closed is left alone, whoever has its number now")
    func closed() throws {
        // The system gives out the lowest number that is free; another thread may have been given it first.
        for _ in 0..<100 {
            let (first, far) = try pair()
            let socket = SharedSocket(first)
            socket.close()
            let (near, other) = try pair()
            defer { for descriptor in [far, near, other] { close(descriptor) } }
            guard near == first || other == first else { continue }
            socket.end()
            socket.close()
            #expect(send(other, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
            var byte: UInt8 = 0
            #expect(recv(near, &byte, 1, Int32(MSG_DONTWAIT)) == 1)
            return
        }
        Issue.record("the number was never given out again")
    }

    @Test("One that takes connections is ended from elsewhere")
    func listening() async throws {
        let descriptor = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(listen(descriptor, 1) == 0)
        let socket = SharedSocket(descriptor)
        let hasEnded = await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                let connection = socket.accept()
                socket.close()
                continuation.resume(returning: connection == nil)
            }
            socket.end()
        }
        #expect(hasEnded)
    }
}
