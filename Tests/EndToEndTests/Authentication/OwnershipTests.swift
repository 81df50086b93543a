import TestPeer
import Testing

/// What belongs to somebody else is answered like what does not exist (camara-rules, "Tokens"). How long the answer takes
/// is not measured: on a shared machine the difference of a look-up is below the noise.
@Suite(.gateway(.events)) struct OwnershipTests {
    @Test("Somebody else's ids are answered word for word like unknown ones", arguments: Release.all)
    func strangers(release: Release) async throws {
        let scene = try scene()
        let owner = try Device(scene, release)
        let inbox = try EventInbox()
        defer { inbox.sink.stop() }
        let registration = try await owner.register()
        let subscription = try await owner.subscribe(to: inbox.url, Device.Wish(registration: registration))
        let attempt = scene.attempt()
        async let reply = owner.call(attempt.number, registration: registration)
        try await attempt.call.invite().respond(180)
        let session = try owner.sessionID(of: try await reply)

        let status: JSONValue = ["status": "Terminated"]
        let questions: [(method: String, base: String, id: String, tail: String, body: JSONValue?)] = [
            ("GET", release.sessions, session, "", nil), ("PUT", release.sessions, session, "/status", status),
            ("PUT", release.sessions, session, "", status), ("DELETE", release.sessions, session, "", nil),
            ("GET", release.registrations, registration, "", nil),
            ("PUT", release.registrations, registration, "", ["deviceId": .string(owner.id)]),
            ("DELETE", release.registrations, registration, "", nil),
            ("GET", release.subscriptions, subscription, "", nil),
            ("PUT", release.subscriptions, subscription, "", ["subscriptionExpireTime": "2099-01-01T00:00:00Z"]),
            ("DELETE", release.subscriptions, subscription, "", nil),
        ]
        let strangers = [
            try Device(scene, release, id: owner.id, number: owner.number, client: "app-2"),
            try Device(scene, release, id: owner.id),
        ]
        var notFound = 0
        for stranger in strangers {
            for (method, base, id, tail, body) in questions {
                let foreign = try await stranger.send(method, "\(base)/\(id)\(tail)", json: body)
                let unknown = try await stranger.send(method, "\(base)/\(OwnershipTests.unlike(id))\(tail)", json: body)
                let what: Comment = "\(method) \(base)\(tail): \(foreign.text) and \(unknown.text)"
                #expect(foreign.status == unknown.status && foreign.text == unknown.text, what)
                #expect(OwnershipTests.names(foreign) == OwnershipTests.names(unknown), what)
                // Operations that came with a later release are 405 for every id.
                #expect(["404 NOT_FOUND", "405 METHOD_NOT_ALLOWED"].contains(foreign.outcome), what)
                notFound += foreign.status == 404 ? 1 : 0
            }
        }
        #expect(notFound == (release == .r2 ? 16 : 20))
        // Nothing of it has touched the call, the registration or the subscription.
        #expect(try await owner.send("GET", "\(release.sessions)/\(session)").outcome == "200 Ringing")
        #expect(try await owner.send("GET", "\(release.subscriptions)/\(subscription)").status == 200)
        try await attempt.fence()
        #expect(attempt.call.unread.isEmpty, attempt.ladder)
    }

    /// An id of the same form that nobody has.
    private static func unlike(_ id: String) -> String { String(id.reversed()) }

    /// The names of the header fields, in order.
    private static func names(_ response: HTTPResponse) -> [String] { response.headers.map(\.name) }
}
