import Synchronization
import Testing

@testable import TestPeer

@Suite struct HTTPTests {
    @Test(arguments: [
        ("HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}", 201, "{}"),
        ("HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1;e=f\r\nd\r\n0\r\n\r\n", 200, "abcd"),
    ])
    func responsesAreTakenWholeFromAnyPieces(text: String, status: Int, body: String) throws {
        var buffer: [UInt8] = []
        let bytes = Array(text.utf8)
        for byte in bytes.dropLast() {
            buffer.append(byte)
            #expect(try HTTPResponse.take(from: &buffer, atEnd: false) == nil)
        }
        buffer += [bytes[bytes.count - 1]] + Array("HTTP/1.1 2".utf8)
        let response = try #require(try HTTPResponse.take(from: &buffer, atEnd: false))
        #expect(response.status == status)
        #expect(response.text == body)
        #expect(String(decoding: buffer, as: UTF8.self) == "HTTP/1.1 2")
    }

    @Test func aBodyWithoutLengthEndsWithTheConnection() throws {
        var buffer = Array("HTTP/1.0 500 No\r\n\r\nbody".utf8)
        #expect(try HTTPResponse.take(from: &buffer, atEnd: false) == nil)
        #expect(try HTTPResponse.take(from: &buffer, atEnd: true)?.text == "body")
    }

    @Test func theClientKeepsItsConnection() async throws {
        let port = try FreePort.next()
        let loop = try ReadLoop(name: "test server")
        let streams = Mutex<[TCPStream]>([])
        let listener = try TCPListener(port: port, loop: loop) { stream in
            streams.withLock { $0.append(stream) }
            stream.start { bytes in
                guard bytes != nil else { return }
                stream.send(Array("HTTP/1.1 400 Bad\r\nContent-Length: 14\r\n\r\n{\"code\":\"NO\"}\n".utf8))
            }
        }
        let client = HTTPClient(port: port)
        for _ in 0..<3 {
            let response = try await client.send("POST", "/x", json: ["a": 1])
            #expect(response.outcome == "400 NO")
        }
        #expect(streams.withLock { $0.count } == 1)
        streams.withLock { $0.first }?.close()
        withExtendedLifetime(listener) {}
        loop.stop()
    }

    @Test func jsonKeepsWhatItReads() throws {
        let value: JSONValue = ["a": [1, true, nil, "x\r\n"], "b": ["c": "d"]]
        #expect(try JSONValue(parsing: value.bytes) == value)
        #expect(value["b"]?["c"]?.string == "d")
        #expect(value.keys == ["a", "b"])
    }
}
