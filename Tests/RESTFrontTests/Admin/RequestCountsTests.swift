import CallCore
import TestPeer
import Testing

@testable import RESTFront

@Suite struct RequestCountsTests {
    @Test("Requests are counted by route, method and status")
    func counts() {
        var counts = RequestCounts()
        counts.add("/a", .get, 200, nanoseconds: 1_000_000)
        counts.add("/a", .get, 200, nanoseconds: 3_000_000)
        counts.add("/a", .post, 200, nanoseconds: 1)
        counts.add("/b", .get, 404, nanoseconds: 1)
        #expect(
            counts.routes["/a"]?.results == [
                .init(method: .get, status: 200, count: 2), .init(method: .post, status: 200, count: 1),
            ])
        #expect(counts.routes["/a"]?.duration.count == 3)
        #expect(counts.routes["/a"]?.duration.sum == 4_000_001)
        #expect(counts.routes["/b"]?.results == [.init(method: .get, status: 404, count: 1)])
    }

    @Test("However many routes, the table is bounded and nothing is lost")
    func isBounded() {
        var counts = RequestCounts()
        for index in 0..<1_000 { counts.add("/\(index)", .get, 200, nanoseconds: 1) }
        #expect(counts.routes.count == RequestCounts.maximumRoutes + 1)
        #expect(counts.routes.values.reduce(0) { $0 + $1.duration.count } == 1_000)
    }

    @Test("A live server tells them, paths that are nobody's as the empty route; a stopped one tells nothing")
    func server() async throws {
        let server = RESTServer(
            options: RESTServer.Options(listen: [.tcp(host: "127.0.0.1", port: 0)]), calls: FakeCalls(),
            authenticator: InsecureAuthenticator())
        guard case .tcp(_, let port) = try server.start()[0] else { return }
        let client = HTTPClient(port: port)
        _ = try await client.send("GET", "/webrtc/sessions/unknown1")
        _ = try await client.send("GET", "/webrtc/sessions/unknown2")
        _ = try await client.send("GET", "/nowhere/17085852753")
        let counted = try #require(await server.statistics())
        #expect(
            counted.requests.routes["/webrtc/sessions/{mediaSessionId}"]?.results == [
                .init(method: .get, status: 404, count: 2)
            ])
        #expect(counted.requests.routes[""]?.results == [.init(method: .get, status: 404, count: 1)])
        #expect(counted.connections == 1)
        client.closeIdle()
        await server.stop(within: .seconds(1))
        #expect(await server.statistics() == nil)
    }
}
