import Foundation

/// The gateway under test: a release build with one trunk, whose peer is the driver.
final class GatewayProcess {
    let apiPort: UInt16
    let sipPort: UInt16
    let meter: ProcessMeter
    private let child: ChildProcess
    private var isDraining = false
    private let path: String
    private let configuration: String
    private let directory: String
    /// The file's text, by the trunk's limit of calls.
    private let text: (Int?) -> String

    /// Starts the program at `path` and waits until it accepts connections.
    ///
    /// - Parameters:
    ///   - keySet: the token issuer's public keys.
    ///   - peerPort: the driver's SIP port.
    ///   - setting: what differs between the measurements.
    ///   - directory: for its files; it is also the working directory.
    init(path: String, keySet: Data, peerPort: UInt16, setting: GatewaySetting, directory: String) throws {
        apiPort = try FreePort.tcp()
        sipPort = try FreePort.udp()
        let keys = directory + "/jwks.json"
        let configuration = directory + "/gateway.yaml"
        self.path = path
        self.configuration = configuration
        self.directory = directory
        try keySet.write(to: URL(fileURLWithPath: keys))
        let (apiPort, sipPort) = (apiPort, sipPort)
        text = { trunkLimit in
            GatewayConfiguration.text(
                apiPort: apiPort, sipPort: sipPort, peerPort: peerPort, keySet: keys, setting: setting,
                trunkLimit: trunkLimit)
        }
        try Data(text(nil).utf8).write(to: URL(fileURLWithPath: configuration))
        child = try ChildProcess(
            [path, "serve", "--config", configuration], in: directory, log: directory + "/gateway.log")
        meter = ProcessMeter(process: child.id)
        try awaitListener()
    }

    /// Starts the command that has the gateway read its file again, with another limit for its trunk.
    func reload(trunkLimit: Int) throws -> ChildProcess {
        try Data(text(trunkLimit).utf8).write(to: URL(fileURLWithPath: configuration))
        return try ChildProcess(
            [path, "reload", "--config", configuration], in: directory, log: directory + "/reload.log")
    }

    /// Begins the drain: it ends by itself once no call is left.
    func drain() {
        child.signal(SIGTERM)
        isDraining = true
    }

    /// Why the gateway is gone, if it is.
    func checkAlive() throws {
        guard let status = child.exitStatus(), !(isDraining && status == 0) else { return }
        throw BenchError.gateway("ended by itself with status \(status)", log: child.lastWords)
    }

    /// Ends it with SIGTERM, unless it is about to end, and if that takes over ten seconds with SIGKILL.
    func stop() throws {
        if !isDraining { child.signal(SIGTERM) }
        let deadline = Nanoseconds.now + .seconds(10)
        while child.exitStatus() == nil {
            guard Nanoseconds.now < deadline else {
                child.signal(SIGKILL)
                throw BenchError.gateway("did not end within 10 s of SIGTERM", log: child.lastWords)
            }
            usleep(10_000)
        }
        if let status = child.exitStatus(), status != 0 {
            throw BenchError.gateway("answered SIGTERM with exit status \(status)", log: child.lastWords)
        }
    }

    private func awaitListener() throws {
        let deadline = Nanoseconds.now + .seconds(15)
        while !FreePort.accepts(apiPort) {
            try checkAlive()
            guard Nanoseconds.now < deadline else {
                child.signal(SIGKILL)
                throw BenchError.gateway("did not listen within 15 s", log: child.lastWords)
            }
            usleep(20_000)
        }
    }
}

/// What differs between the measurements' gateways.
struct GatewaySetting {
    /// How long ended sessions stay readable, as the configuration file writes it.
    var keepEnded = "5m"
    /// `storage.url`.
    var storage = "memory:"
    /// The certificates that sinks on this machine are checked against; nil where there are none.
    var sinkAuthority: String?
    /// Whether emergency calls are made, by a trunk of their own to the same peer.
    var takesEmergencyCalls = false
    /// `drain.deadline`: the drain would wait for the calls that failed.
    var drainDeadline = "2s"
}

/// The configuration that the gateway runs with: everything at its default but what ``GatewaySetting`` has and what a client
/// may ask for.
enum GatewayConfiguration {
    static func text(
        apiPort: UInt16, sipPort: UInt16, peerPort: UInt16, keySet: String, setting: GatewaySetting,
        trunkLimit: Int? = nil
    ) -> String {
        let limits = trunkLimit.map { "    limits: {calls: \($0)}\n" } ?? ""
        let peer = "      - {uri: \"sip:127.0.0.1:\(peerPort);transport=udp\"}\n"
        let trunk = setting.takesEmergencyCalls ? "  - name: emergency\n    peers:\n\(peer)" : ""
        let emergency = setting.takesEmergencyCalls ? "emergency: {trunks: [emergency]}\n" : ""
        let events = setting.sinkAuthority.map { "events: {allowSinks: [127.0.0.0/8], caFile: \"\($0)\"}\n" } ?? ""
        return """
            api:
              listen: ["127.0.0.1:\(apiPort)"]
              limits: {requestsPerSecond: 1000000, burst: 1000000, sessions: 1000000}
              auth:
                mode: jwt
                issuer: \(TokenIssuer.issuer)
                audience: \(TokenIssuer.audience)
                jwks: \(keySet)
            sip:
              listen: ["udp:127.0.0.1:\(sipPort)"]
            trunks:
              - name: bench
                peers:
            \(peer)\(limits)\(trunk)routes:
              - {prefix: "", trunks: [bench]}
            sessions: {keepEnded: \(setting.keepEnded)}
            storage: {url: "\(setting.storage)"}
            drain: {deadline: \(setting.drainDeadline)}
            \(emergency)\(events)
            """
    }
}

/// Ports on 127.0.0.1.
enum FreePort {
    static func tcp() throws -> UInt16 { try port(Int32(SOCK_STREAM.rawValue)) }
    static func udp() throws -> UInt16 { try port(Int32(SOCK_DGRAM.rawValue)) }

    /// Whether somebody accepts TCP connections on `port`.
    static func accepts(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        return call(connect, descriptor, port) == 0
    }

    private static func port(_ type: Int32) throws -> UInt16 {
        let descriptor = socket(AF_INET, type, 0)
        defer { close(descriptor) }
        guard call(bind, descriptor, 0) == 0 else { throw BenchError.system("bind", errno) }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func call(
        _ function: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32, _ descriptor: Int32, _ port: UInt16
    ) -> Int32 {
        var address = sockaddr_in.loopback(port: port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
