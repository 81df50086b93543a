import Foundation
import TestPeer
import Testing

/// The sample applications, run as a person runs them: their own sink and certificate, the gateway, and the test endpoint as
/// the network.
@Suite(.sharing) struct CallExampleTests {
    @Test("It registers, subscribes, calls, prints the events in order, hangs up and leaves nothing behind")
    func answered() async throws {
        try await run { gateway, certificate in
            let application = try await Application.run(Self.arguments(gateway, certificate))
            #expect(application.status == 0, "\(application.errors)\n\(gateway.logTail)")
            #expect(application.errors.isEmpty)
            let expected = [
                #"Registered the device as \S+"#,
                #"Subscribed to its events; the sink is https://127\.0\.0\.1:\d+/events"#,
                #"Called: (Initial|Ringing|Connected)"#,
                #"  event  session-status #1: Ringing"#,
                #"  event  session-status #2: Connected"#,
                #"They talk for 0\.1 seconds"#,
                #"Hanging up"#,
                #"  event  session-status #3: Terminated .+"#,
                #"  event  subscription-ended: .+"#,
                #"The call was made, answered and ended\."#,
            ]
            let lines = application.output.split(separator: "\n")
            #expect(lines.count == expected.count, "\(application.output)")
            for (line, pattern) in zip(lines, expected) {
                #expect(try Regex(pattern).wholeMatch(in: line) != nil, "\(line) for \(pattern)")
            }
            let left = try await gateway.statistics()
            #expect(left["registrations"] == 0 && left["subscriptions"] == 0 && left["liveCalls"] == 0, "\(left)")
        }
    }

    @Test("A call that nobody takes ends it with 1 and the reason, and leaves nothing behind")
    func busy() async throws {
        try await run { gateway, certificate in
            let arguments = Self.arguments(gateway, certificate) + ["--to", "+17085854486"]
            let application = try await Application.run(arguments)
            #expect(application.status == 1, "\(application.output)")
            #expect(application.errors.contains("call.py: "), "\(application.errors)")
            let left = try await gateway.statistics()
            #expect(left["registrations"] == 0 && left["subscriptions"] == 0, "\(left)")
        }
    }

    @Test(
        "It answers a call of the endpoint, and either of them hangs up", arguments: [false, true])
    func called(byTheCaller: Bool) async throws {
        try await run { gateway, certificate in
            let number = "+17085852753"
            let arguments = Self.arguments(gateway, certificate) + ["--number", number, "--ring", "0.1"]
            async let answering = Application.run(
                arguments + ["--talk", byTheCaller ? "10" : "0.1"], of: "answer.py")
            try await Self.isRegistered(gateway)
            let caller = try await Application.place(
                number, to: gateway.configuration.sipPort, ["--talk", byTheCaller ? "0.1" : "10"])
            let application = try await answering
            #expect(caller.status == 0, "\(caller.errors)\(caller.output)\n\(gateway.logTail)")
            #expect(application.status == 0, "\(application.errors)\n\(application.output)\n\(gateway.logTail)")
            let expected =
                [
                    #"Registered the device as \S+"#, #"Waiting for a call to \+17085852753"#,
                    #"  event  session-invitation #1: Initial.*"#, #"A call from \S*\+19195550100\S*"#,
                    #"Answered: Connected"#, #"  event  session-status #2: Ringing"#,
                    #"  event  session-status #3: Connected"#,
                ]
                + (byTheCaller
                    ? [#"  event  session-status #4: Terminated .+"#, #"The caller has hung up"#]
                    : [#"Hanging up"#, #"  event  session-status #4: Terminated .+"#])
                + [#"  event  subscription-ended: .+"#, #"The call was answered and has ended\."#]
            let lines = application.output.split(separator: "\n")
            #expect(lines.count == expected.count, "\(application.output)")
            for (line, pattern) in zip(lines, expected) {
                #expect(try Regex(pattern).wholeMatch(in: line) != nil, "\(line) for \(pattern)")
            }
            for message in ["→ INVITE \(number)", "← 180 Ringing (INVITE)", "← 200 OK (INVITE)", "→ ACK"] {
                #expect(caller.output.contains(message), "\(caller.output)")
            }
            #expect(caller.output.contains(byTheCaller ? "→ BYE" : "← BYE"), "\(caller.output)")
            let left = try await gateway.statistics()
            #expect(left["registrations"] == 0 && left["subscriptions"] == 0 && left["liveCalls"] == 0, "\(left)")
        }
    }

    /// Returns when the application waits for its call.
    private static func isRegistered(_ gateway: GatewayProcess) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        while ContinuousClock.now < deadline {
            if try await gateway.statistics()["subscriptions"] == 1 { return }
            // Nothing tells from outside that the application has subscribed: look again soon.
            try await Task.sleep(for: .milliseconds(10))
        }
        throw PatienceLost("subscription of answer.py", ladder: gateway.logTail)
    }

    private static func arguments(_ gateway: GatewayProcess, _ certificate: String) -> [String] {
        [
            "--api", "http://127.0.0.1:\(gateway.configuration.httpPort)", "--certificate", "\(certificate)/sink.pem",
            "--key", "\(certificate)/sink.key", "--talk", "0.1",
        ]
    }

    private func run(_ body: (GatewayProcess, String) async throws -> Void) async throws {
        Turnstile.mustBeInside()
        try await start(body)
    }

    private func start(_ body: (GatewayProcess, String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let made = try await Application.run(["--make-certificate", folder.path])
        try #require(made.status == 0, "\(made.errors)")
        // It prints what the configuration needs; it is what this test puts there.
        let certificate = folder.appending(path: "sink.pem").path
        #expect(made.output.contains("events:\n  allowSinks: [127.0.0.1]\n  caFile: \(certificate)"), "\(made.output)")

        let network = try await NetworkEndpoint()
        defer { network.stop() }
        var configuration = try GatewayConfiguration()
        configuration.trunks = [.init("demo", peers: ["sip:127.0.0.1:\(network.port)"])]
        configuration.routes = [("", ["demo"])]
        configuration.events = "{allowSinks: [127.0.0.1], caFile: \"\(certificate)\"}"
        let gateway = try await GatewayProcess.start(configuration)
        var failure: (any Error)?
        do { try await body(gateway, folder.path) } catch { failure = error }
        #expect(try await gateway.stop() == 0, "\(gateway.logTail)")
        if let failure { throw failure }
    }
}
