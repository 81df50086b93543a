import Testing

@testable import Bench

@Suite struct HTTPResponseTests {
    private func read(_ text: String) -> HTTPResponse.Reading {
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { HTTPResponse.read($0, bytes.count) } ?? .incomplete
        }
    }

    @Test func readsHeadAndBody() throws {
        let text = "HTTP/1.1 201 Created\r\ncontent-length: 4\r\nX-Correlator: a:b\r\n\r\nbody"
        guard case .complete(let response) = read(text) else {
            Issue.record("not complete")
            return
        }
        #expect(response.status == 201)
        #expect(response.bodyLength == 4)
        #expect(response.end == text.utf8.count)
        #expect(response.keepsConnection)
    }

    @Test func honoursConnectionClose() {
        guard case .complete(let response) = read("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n") else {
            Issue.record("not complete")
            return
        }
        #expect(!response.keepsConnection)
        #expect(response.bodyLength == 0)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbod",
    ])
    func waitsForTheRest(_ text: String) {
        guard case .incomplete = read(text) else {
            Issue.record("not incomplete")
            return
        }
    }

    @Test(arguments: [
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    ])
    func refusesWhatItCannotDelimit(_ text: String) {
        guard case .malformed = read(text) else {
            Issue.record("not malformed")
            return
        }
    }

    @Test(
        arguments: [
            (#"{"status":"Connected"}"#, "Connected"), (#"{ "status" : "Ringing" }"#, "Ringing"),
            (#"{"status":3}"#, nil),
            (#"{"statusX":"a"}"#, nil), (#"{"status":"unfinished"#, nil), (#"{"reason":"\"status\":\"x\""}"#, nil),
        ] as [(String, String?)])
    func readsAStringMember(_ json: String, _ expected: String?) {
        let found = Array(json.utf8).withUnsafeBufferPointer { bytes in
            bytes.baseAddress.flatMap { SessionJSON.string("\"status\"", in: $0, bytes.count) }
                .map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(found == expected)
    }
}
