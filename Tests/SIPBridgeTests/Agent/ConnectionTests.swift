import CallCore
import Foundation
import TestPeer
import TestTLS
import Testing

@testable import SIPBridge

/// Connections that others open to the gateway: none of them is kept for ever, and nobody opens all there may be.
@Suite("Connections to the gateway")
struct ConnectionTests {
    private static let never = Duration.seconds(600)

    /// A trunk in `inbound` and one listener.
    private func options(
        _ transport: SIPAddress.Transport, _ certificates: TestAuthority? = nil, inbound: String = "127.0.0.0/8",
        peerPort: UInt16 = 5060
    ) throws -> SIPOptions {
        let trunk = Trunk(
            name: "test", peer: SIPAddress(transport: transport, host: "127.0.0.1", port: peerPort),
            domain: "ims.example", inbound: [try #require(IPNetwork(inbound))])
        var options = SIPOptions(
            listen: [SIPAddress(transport: transport, host: "127.0.0.1", port: 0)], domain: "gw.example",
            trunks: [trunk], routes: RouteTable([.init(prefix: "+", trunks: [0])]))
        if let certificates {
            let pair = try certificates.issue("gateway", names: "DNS:gw.example,IP:127.0.0.1")
            options.tls = TLSFiles(certificate: pair.certificate, key: pair.key, ca: certificates.ca)
        }
        options.connectionIdle = ConnectionTests.never
        options.messageStutter = ConnectionTests.never
        options.handshakeTime = ConnectionTests.never
        return options
    }

    private static let half = "OPTIONS sip:a@b.example SIP/2.0\r\nVia: "

    @Test("One that nobody uses, and one that stops in the middle of a message", arguments: ["", "\r\n\r\n", half])
    func silentOverTCP(beginning: String) async throws {
        var options = try options(.tcp)
        options.connectionIdle = .milliseconds(100)
        options.messageStutter = .milliseconds(100)
        try await withAgent(options) { agent, address in
            let connection = try HTTPConnection(port: address.port)
            connection.send(Array(beginning.utf8))
            try await connection.closed()
            try await expectNoConnections(of: agent)
        }
    }

    @Test("The same over TLS", arguments: ["\r\n\r\n", half])
    func silentOverTLS(beginning: String) async throws {
        let certificates = try TestAuthority()
        var options = try options(.tls, certificates)
        options.connectionIdle = .milliseconds(100)
        options.messageStutter = .milliseconds(100)
        try await withAgent(options) { agent, address in
            let relay = try TLSRelay(port: FreePort.next(), overTLSTo: address.port)
            let connection = try HTTPConnection(port: relay.address.port)
            connection.send(Array(beginning.utf8))
            try await connection.closed()
            #expect(relay.counts.handshakes == 1)
            try await expectNoConnections(of: agent)
        }
    }

    /// Its answer, which is an error, ends the connection while the message is given up.
    @Test("One that stops in the middle of a message and to which nothing can be written", arguments: [false, true])
    func halfToNobody(isSecure: Bool) async throws {
        let certificates = try TestAuthority()
        var options = try options(isSecure ? .tls : .tcp, isSecure ? certificates : nil)
        options.messageStutter = .milliseconds(300)
        // OpenSSL writes to the socket as to any file.
        signal(SIGPIPE, SIG_IGN)
        let half = [
            "OPTIONS sip:ping@127.0.0.1 SIP/2.0", "Via: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKhalf;rport",
            "Max-Forwards: 70", "From: <sip:peer@127.0.0.1>;tag=1", "To: <sip:ping@127.0.0.1>", "Call-ID: half",
            "CSeq: 1 OPTIONS", "Content-Length: 0", "",
        ].joined(separator: "\r\n")
        try await withAgent(options) { agent, address in
            for _ in 0..<8 {
                let secure = try isSecure ? TLSClient(port: address.port, .init(ca: certificates.ca)) : nil
                let plain = try isSecure ? nil : HTTPConnection(port: address.port)
                try await waitUntil { await agent.statistics().inboundConnections == 1 }
                for socket in ServerSocket.all(of: address.port) { #expect(shutdown(socket, Int32(SHUT_WR)) == 0) }
                let isSent = isSecure ? secure?.send(half) : plain?.send(Array(half.utf8))
                #expect(isSent == true)
                try await expectNoConnections(of: agent)
                plain?.close()
                secure?.close()
            }
        }
    }

    /// Nothing, a part of the ClientHello, and what is none.
    static let stalls: [[UInt8]] = [[], [0x16, 0x03, 0x01, 0x02, 0x00, 0x01], [0x16]]

    @Test("A handshake that is not begun, or stops half-way, has a time of its own", arguments: stalls)
    func stalledHandshake(beginning: [UInt8]) async throws {
        let certificates = try TestAuthority()
        var options = try options(.tls, certificates)
        options.handshakeTime = .milliseconds(100)
        try await withAgent(options) { agent, address in
            let connection = try HTTPConnection(port: address.port)
            connection.send(beginning)
            try await connection.closed()
            try await expectNoConnections(of: agent)
            #expect(await agent.statistics().failedHandshakes == 1)
        }
    }

    @Test("It ends with the idle time at the latest", arguments: stalls)
    func idleHandshake(beginning: [UInt8]) async throws {
        let certificates = try TestAuthority()
        var options = try options(.tls, certificates)
        options.connectionIdle = .milliseconds(100)
        try await withAgent(options) { _, address in
            let connection = try HTTPConnection(port: address.port)
            connection.send(beginning)
            try await connection.closed()
        }
    }

    @Test("Two thousand of one source that are silent: the others are answered")
    func manyOfOneSource() async throws {
        var options = try options(.tcp)
        options.connectionLimits = ConnectionLimits(descriptors: 16_384)
        let most = options.connectionLimits.ofOneSource
        let alarms = Mailbox<String>()
        options.onAlarm = { trunk, message in alarms.put("\(trunk): \(message)") }
        try await withAgent(options) { agent, address in
            let connections = (0..<2_000).map { _ in connect(to: address) }
            try await waitUntil { connections.count(where: isClosed) >= 2_000 - most }
            #expect(connections.count(where: isClosed) == 2_000 - most)
            #expect(await agent.statistics().refusedConnections == 2_000 - most)
            #expect(await agent.statistics().inboundConnections == most)
            #expect(try ping(address, from: "127.0.0.2").hasPrefix("SIP/2.0 200"))
            #expect(
                await alarms.next()
                    == "test: a connection from the trunk's network was one too many; check what connects from there")
            // A place that is left is taken again.
            for connection in connections { connection?.close() }
            try await expectNoConnections(of: agent)
            #expect(try ping(address, from: "127.0.0.1").hasPrefix("SIP/2.0 200"))
        }
    }

    @Test("Strangers leave the trunks their part")
    func manyStrangers() async throws {
        var options = try options(.tcp, inbound: "127.0.0.2/32")
        options.connectionLimits = ConnectionLimits(all: 4, strangers: 2, ofOneSource: 100)
        let alarms = Mailbox<String>()
        let warnings = Mailbox<String>()
        options.onAlarm = { alarms.put($1) }
        options.onStranger = { warnings.put($0) }
        try await withAgent(options) { agent, address in
            let strangers = (0..<5).map { _ in connect(to: address) }
            try await waitUntil { strangers.count(where: isClosed) == 3 }
            #expect(await agent.statistics().inboundConnections == 2)
            #expect(try ping(address, from: "127.0.0.2").hasPrefix("SIP/2.0 200"))
            // No trunk needs attention for what strangers do, and they are not told of each time.
            #expect(alarms.values.isEmpty)
            #expect(warnings.values.count == 1)
            #expect(warnings.values.first?.contains("one too many") == true)
            let trunks = (0..<5).map { _ in connect(to: address, from: "127.0.0.2") }
            try await waitUntil { trunks.count(where: isClosed) >= 3 }
            #expect(await agent.statistics().inboundConnections == 4)
            #expect(await alarms.next() != nil)
            withExtendedLifetime((strangers, trunks)) {}
        }
    }

    /// Of whom a certificate is wanted, and nobody has one.
    @Test("A handshake that fails is told: a trunk's, and a stranger's", arguments: [true, false])
    func failedHandshake(isTrunks: Bool) async throws {
        let certificates = try TestAuthority()
        var options = try options(.tls, certificates, inbound: isTrunks ? "127.0.0.0/8" : "127.0.0.9/32")
        options.tls?.requiresClientCertificate = true
        // However long it takes, it is one moment.
        let moment = MonotonicClock.now()
        options.clock = { moment }
        let alarms = Mailbox<String>()
        let warnings = Mailbox<String>()
        options.onAlarm = { trunk, message in alarms.put("\(trunk): \(message)") }
        options.onStranger = { warnings.put($0) }
        try await withAgent(options) { agent, address in
            let relay = try TLSRelay(port: FreePort.next(), overTLSTo: address.port)
            for _ in 0..<3 {
                let connection = try HTTPConnection(port: relay.address.port)
                try await connection.closed()
            }
            // Who says nothing has not tried.
            let watchdog = try HTTPConnection(port: address.port)
            try await waitUntil { await agent.statistics().inboundConnections == 1 }
            watchdog.close()
            try await expectNoConnections(of: agent)
            #expect(await agent.statistics().failedHandshakes == 3)
            let why = "failed in the TLS handshake: peer did not return a certificate"
            let told = isTrunks ? alarms.values : warnings.values
            #expect(told.count == 1)
            #expect(told.first?.contains(why) == true, "\(told)")
            #expect(told.first?.hasPrefix("test: ") == isTrunks)
            #expect((isTrunks ? warnings : alarms).values.isEmpty)
        }
    }

    @Test(
        "They are a share of what the process may open",
        arguments: [(65_536, 4_096, 2_048, 256), (1_024, 256, 128, 64), (0, 4, 2, 1)])
    func share(descriptors: Int, all: Int, strangers: Int, ofOneSource: Int) {
        let expected = ConnectionLimits(all: all, strangers: strangers, ofOneSource: ofOneSource)
        #expect(ConnectionLimits(descriptors: descriptors) == expected)
    }

    /// Of a peer that has lost its power or its route nothing comes, not even an end.
    @Test("A peer that has gone without a word is noticed within a minute, at either end")
    func halfDead() async throws {
        let peer = try SIPPeer()
        var options = try options(.tcp, peerPort: peer.port)
        options.policy.timeout = ConnectionTests.never
        try await withAgent(options) { agent, address in
            let inbound = try HTTPConnection(port: address.port)
            try await waitUntil { await agent.statistics().inboundConnections == 1 }
            let request = try CallRequest.sample()
            async let answer = withCheckedContinuation { continuation in
                agent.create(request) { continuation.resume(returning: $0) }
            }
            _ = try await peer.expect("+17085854000").invite()
            let found = KeptAlive.sockets { $0 == address.port || $1 == peer.port }
            #expect(found.count == 2)
            for each in found {
                #expect(each.isOn)
                #expect(each.idle + each.probes * each.interval <= 60)
                #expect((1...60_000).contains(each.unacknowledged))
            }
            await agent.stop(deadline: .zero)
            _ = await answer
            inbound.close()
        }
    }

    // MARK: -

    /// Nil where it was closed before this side had even seen it open.
    private func connect(to address: SocketAddress, from source: String = "127.0.0.1") -> HTTPConnection? {
        try? HTTPConnection(port: address.port, from: source)
    }

    private func isClosed(_ connection: HTTPConnection?) -> Bool { connection?.isClosed ?? true }

    private func waitUntil(_ isSo: () async -> Bool) async throws {
        let deadline = ContinuousClock.now + Patience.standard
        while await !isSo() {
            guard ContinuousClock.now < deadline else { throw PatienceLost("change", ladder: "  (none)") }
            // Looking at two thousand connections without a pause would take the processor from the other tests.
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func expectNoConnections(of agent: SIPAgent) async throws {
        try await waitUntil { await agent.statistics().inboundConnections == 0 }
    }

    private func ping(_ address: SocketAddress, from source: String) throws -> String {
        let lines = [
            "OPTIONS sip:ping@127.0.0.1 SIP/2.0",
            "Via: SIP/2.0/TCP \(source):9;branch=z9hG4bK\(UUID().uuidString);rport",
            "Max-Forwards: 70", "From: <sip:peer@127.0.0.1>;tag=1", "To: <sip:ping@127.0.0.1>",
            "Call-ID: \(UUID().uuidString)", "CSeq: 1 OPTIONS", "Content-Length: 0", "", "",
        ]
        return try PlainExchange.send(lines.joined(separator: "\r\n"), to: address.port, from: source)
    }
}

/// The connected sockets of this process that a port of it has accepted.
private enum ServerSocket {
    static func all(of port: UInt16) -> [Int32] {
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return descriptors.compactMap { Int32($0) }.filter {
            KeptAlive.port($0, getsockname) == port && KeptAlive.port($0, getpeername) != nil
        }
    }
}

/// What a TCP socket of this process does about a peer that has gone.
private struct KeptAlive {
    let isOn: Bool
    /// Seconds.
    let idle, interval: Int
    let probes: Int
    /// Milliseconds.
    let unacknowledged: Int

    /// Those whose local and remote port are wanted.
    static func sockets(_ isWanted: (_ local: UInt16, _ remote: UInt16) -> Bool) -> [KeptAlive] {
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return descriptors.compactMap { Int32($0) }.compactMap { descriptor in
            guard let local = port(descriptor, getsockname), let remote = port(descriptor, getpeername),
                isWanted(local, remote)
            else { return nil }
            return KeptAlive(
                isOn: option(descriptor, SOL_SOCKET, SO_KEEPALIVE) != 0,
                idle: option(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE),
                interval: option(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL),
                probes: option(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT),
                unacknowledged: option(descriptor, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT))
        }
    }

    private static func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, level, name, &value, &length) == 0 ? Int(value) : 0
    }

    static func port(
        _ descriptor: Int32,
        _ name: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> UInt16? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isFound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name(descriptor, $0, &length) == 0 }
        }
        guard isFound, address.sin_family == sa_family_t(AF_INET) else { return nil }
        return UInt16(bigEndian: address.sin_port)
    }
}
