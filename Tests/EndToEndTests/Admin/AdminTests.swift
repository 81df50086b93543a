import Foundation
import TestPeer
import Testing

/// The operator's view of a running gateway (docs/monitoring.md).
@Suite(.sharing, .serialized) struct AdminTests {
    private func run(
        _ change: @escaping @Sendable (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (Scene, HTTPClient) async throws -> Void
    ) async throws {
        let port = try FreePort.next()
        let plan = ScenePlan.standard.with { configuration in
            configuration.more.append("admin: {listen: \"127.0.0.1:\(port)\"}")
            change(&configuration)
        }
        let scene = try await Scene(plan)
        let admin = HTTPClient(port: port)
        do {
            try await Scene.$current.withValue(scene) { try await body(scene, admin) }
        } catch {
            _ = try? await scene.gateway.stop()
            throw error
        }
        admin.closeIdle()
        scene.http.closeIdle()
        if scene.gateway.isRunning { #expect(try await scene.gateway.stop() == 0) }
    }

    private func metrics(_ admin: HTTPClient) async throws -> MetricsText {
        let response = try await admin.send("GET", "/metrics")
        #expect(response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
        return try MetricsText(response.text)
    }

    @Test("Calls are counted by trunk and outcome, timed, and shown while they live with their numbers masked")
    func calls() async throws {
        try await run { scene, admin in
            #expect(try await admin.send("GET", "/livez").status == 200)
            // The API listens a moment before the start is over.
            let deadline = ContinuousClock.now + Patience.standard
            while try await admin.send("GET", "/readyz").status != 200, ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            let ready = try await admin.send("GET", "/readyz")
            #expect(ready.status == 200 && ready.text == "ready\n")

            let attempt = scene.attempt()
            let line = scene.gateway.nextLine { $0.contains("\"call ended\"") }
            let (invite, id) = try await attempt.connect()
            let live = try await admin.send("GET", "/calls").json
            #expect(live["total"]?.int == 1)
            guard case .array(let shown) = live["calls"], let call = shown.first else {
                Issue.record("no calls on the page: \(live)")
                return
            }
            #expect(call["mediaSessionId"]?.string == id)
            #expect(call["callId"]?.string == invite.message.callID)
            #expect(call["trunk"]?.string == "main" && call["direction"]?.string == "outbound")
            #expect(call["status"]?.string == "Connected")
            #expect(call["from"]?.string == "tel:+*********53")
            #expect(call["to"]?.string?.contains(attempt.number) == false)
            let lives = try await metrics(admin)
            #expect(lives.value("gateway_live_calls", ["trunk": "main", "direction": "outbound"]) == 1)

            _ = try await attempt.delete(id)
            try await attempt.call.acceptBye()
            let record = try JSONValue(parsing: Array(try #require(await line.next()).utf8))
            #expect(record["mediaSessionId"]?.string == id)
            #expect(record["callId"]?.string == invite.message.callID)
            #expect(record["correlator"]?.string?.isEmpty == false)
            #expect(record["outcome"]?.string == "answered" && record["status"]?.string == "Terminated")
            #expect(record["trunk"]?.string == "main" && record["sipCode"]?.int == 200)
            #expect(record["from"]?.string == "tel:+*********53")
            #expect(record["to"]?.string?.contains(attempt.number) == false)
            for name in ["postDialDelay", "answerTime", "talkTime", "total"] { #expect(record[name]?.int != nil) }

            let busy = scene.attempt()
            let second = scene.gateway.nextLine { $0.contains("\"call ended\"") }
            async let reply = busy.post()
            try await busy.call.invite().respond(486)
            #expect(try await reply.status == 422)
            let refused = try JSONValue(parsing: Array(try #require(await second.next()).utf8))
            #expect(refused["outcome"]?.string == "busy" && refused["sipCode"]?.int == 486)
            #expect(refused["answerTime"] == nil && refused["talkTime"] == nil)
            _ = try await scene.http.send(
                "POST", Attempt.sessions, json: Attempt.body(receiver: "+99912345678"))

            let page = try await metrics(admin)
            func ended(_ trunk: String, _ outcome: String) -> Double? {
                page.value("gateway_calls_total", ["trunk": trunk, "direction": "outbound", "outcome": outcome])
            }
            #expect(ended("main", "answered") == 1 && ended("main", "busy") == 1 && ended("", "refused") == 1)
            #expect(ended("tcp", "answered") == 0)
            #expect(page.value("gateway_answer_time_seconds_count") == 1)
            #expect(page.value("gateway_post_dial_delay_seconds_count") == 1)
            #expect(
                page.value(
                    "gateway_http_requests_total",
                    ["route": "/webrtc/sessions", "method": "POST", "status": "201"]) == 1)
            #expect(
                page.value(
                    "gateway_http_requests_total",
                    ["route": "/webrtc/sessions", "method": "POST", "status": "422"]) == 1)
            #expect(page.value("gateway_ready") == 1 && page.value("gateway_draining") == 0)
            #expect(page.value("process_resident_memory_bytes") ?? 0 > 1_000_000)
            #expect(page.value("process_cpu_seconds_total") ?? 0 > 0)
            #expect(abs((page.value("process_start_time_seconds") ?? 0) - Date().timeIntervalSince1970) < 600)
            #expect(page.value("process_open_fds") ?? 0 > 5)
            #expect(page.value("gateway_sip_thread_delay_seconds_count") ?? 0 >= 1)

            let trunks = try await admin.send("GET", "/trunks").json
            guard case .array(let listed) = trunks["trunks"] else {
                Issue.record("no trunks on the page: \(trunks)")
                return
            }
            #expect(listed.first?["name"]?.string == "main")
            #expect(listed.first?["ended"]?["answered"]?["outbound"]?.int == 1)
        }
    }

    @Test("Each metric is described in docs/monitoring.md, and the page has it")
    func documented() async throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../../docs/monitoring.md").standardizedFileURL, encoding: .utf8)
        try await run { _, admin in
            let families = try await metrics(admin).families
            #expect(families.count > 30)
            for family in families { #expect(page.contains("| `\(family.name)` |"), "\(family.name)") }
        }
    }

    /// Of Debian's package `prometheus`, which brings a server that would listen on the admin listener's usual port: the tests
    /// use it where it is, and install it nowhere.
    private static let checker = "/usr/bin/promtool"

    @Test(
        "Prometheus's own check of the page finds nothing, where it is installed",
        .enabled(if: FileManager.default.isExecutableFile(atPath: checker)))
    func promtool() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID().uuidString).txt")
        defer { try? FileManager.default.removeItem(at: file) }
        try await run { scene, admin in
            let attempt = scene.attempt()
            let (_, id) = try await attempt.connect()
            _ = try await attempt.delete(id)
            try await attempt.call.acceptBye()
            let page = try await admin.send("GET", "/metrics")
            try Data(page.body).write(to: file)
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(filePath: Self.checker)
            process.arguments = ["check", "metrics"]
            process.standardInput = try FileHandle(forReadingFrom: file)
            process.standardOutput = output
            process.standardError = output
            let ended = Mailbox<Int32>()
            process.terminationHandler = { ended.put($0.terminationStatus) }
            try process.run()
            let status = try #require(await ended.next())
            let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
            #expect(status == 0 && text.isEmpty, "\(text)")
        }
    }

    @Test("While it drains /readyz says so and answers 503, and /livez does not")
    func draining() async throws {
        try await run({ $0.more[0] = "drain: {deadline: 60s}" }) { scene, admin in
            let attempt = scene.attempt()
            let (_, id) = try await attempt.connect()
            let line = scene.gateway.nextLine { $0.contains("\"draining\"") }
            scene.gateway.signal(SIGTERM)
            try #require(await line.next() != nil)
            let ready = try await admin.send("GET", "/readyz")
            #expect(ready.status == 503 && ready.text == "draining\n")
            #expect(try await admin.send("GET", "/livez").status == 200)
            #expect(try await metrics(admin).value("gateway_draining") == 1)
            _ = try await attempt.delete(id)
            try await attempt.call.acceptBye()
            #expect(try await scene.gateway.ended() == 0)
        }
    }

    @Test("With callRecords.path records go to that file, one JSON object a line, and not to the log")
    func recordFile() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "records-\(UUID().uuidString).jsonl").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await run({ $0.more.append("callRecords: {path: \"\(path)\"}") }) { scene, _ in
            for _ in 0..<2 {
                let attempt = scene.attempt()
                async let reply = attempt.post()
                try await attempt.call.invite().respond(603)
                _ = try await reply
            }
            #expect(try await scene.gateway.stop() == 0)
            let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 2)
            for line in lines {
                #expect(try JSONValue(parsing: Array(line.utf8))["outcome"]?.string == "declined")
            }
            #expect(!scene.gateway.logTail.contains("\"call ended\""))
        }
    }
}
