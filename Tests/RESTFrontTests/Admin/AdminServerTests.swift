import CallCore
import RESTFront
import Synchronization
import TestPeer
import Testing

@Suite struct AdminServerTests {
    /// Closed until it is opened, for as many as come.
    private final class Gate: Sendable {
        private let state = Mutex<[CheckedContinuation<Void, Never>]?>([])

        func pass() async {
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { waiting in
                    waiting?.append(continuation)
                    return waiting == nil
                }
                if isOpen { continuation.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { waiting in
                defer { waiting = nil }
                return waiting ?? []
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    private func withAdmin(_ pages: [AdminServer.Page], _ body: (HTTPClient) async throws -> Void) async throws {
        // Where all suites run at once, a page may wait long for a thread of the test process.
        let server = AdminServer(
            listen: .tcp(host: "127.0.0.1", port: 0), pages: pages, patience: Patience.standard)
        guard case .tcp(_, let port) = try server.start() else { return }
        let client = HTTPClient(port: port)
        do {
            try await body(client)
        } catch {
            await server.stop(within: .zero)
            throw error
        }
        client.closeIdle()
        await server.stop(within: .seconds(1))
    }

    @Test("A page has its status, type and text, and is never kept by a cache")
    func pages() async throws {
        let page = AdminServer.Page("/readyz") {
            AdminServer.Content(status: 503, type: "text/plain; charset=utf-8", text: "draining\n")
        }
        try await withAdmin([page]) { client in
            let response = try await client.send("GET", "/readyz", headers: [.init("Accept", "text/plain")])
            #expect(response.status == 503)
            #expect(response.text == "draining\n")
            #expect(response["Content-Type"] == "text/plain; charset=utf-8")
            #expect(response["Cache-Control"] == "no-store")
            #expect(try await client.send("POST", "/readyz").status == 405)
            #expect(try await client.send("GET", "/webrtc/sessions").status == 404)
            #expect(try await client.send("GET", "/").status == 404)
        }
    }

    @Test("A page that waits keeps no other from being answered, and no more than 8 wait")
    func waitingPages() async throws {
        let gate = Gate()
        let slow = AdminServer.Page("/slow") {
            await gate.pass()
            return AdminServer.Content(type: "text/plain", text: "late")
        }
        let quick = AdminServer.Page("/quick") { AdminServer.Content(type: "text/plain", text: "quick") }
        try await withAdmin([slow, quick]) { client in
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<9 { group.addTask { try await client.send("GET", "/slow").status } }
                // The one that finds no room is answered while the others wait.
                let first = try await group.next()
                #expect(first == 503)
                #expect(try await client.send("GET", "/quick").text == "quick")
                gate.open()
                var all: [Int] = []
                for try await status in group { all.append(status) }
                return all
            }
            #expect(statuses == Array(repeating: 200, count: 8))
            #expect(try await client.send("GET", "/slow").status == 200, "a place that was given back is free")
        }
    }
}
