import Foundation
import Synchronization
import TestPeer

/// The name server of a gateway that is started with a resolv.conf of its own; what it says can be changed.
final class ScriptedNames: Sendable {
    private static let lastAddress = Mutex<UInt8>(100)
    private let script = Mutex<NameServer.Script>({ _ in .silence })
    private let asked = Mutex(0)
    private let server = Mutex<NameServer?>(nil)
    private let address: String

    /// Whether this machine lets the tests play one. Found out once: two that try the port at a time are in each other's way.
    static let isPossible =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare")
        && (try? UDPSocket(host: "127.0.0.98", port: 53)) != nil

    init() throws {
        let last = ScriptedNames.lastAddress.withLock { last in
            last += 1
            return last
        }
        address = "127.0.0.\(last)"
        let made = try NameServer(host: address, port: 53) { [weak self] query in
            guard let self else { return .silence }
            asked.withLock { $0 += 1 }
            return script.withLock { $0 }(query)
        }
        server.withLock { $0 = made }
    }

    /// Queries so far.
    var count: Int { asked.withLock { $0 } }

    func say(_ script: @escaping NameServer.Script) { self.script.withLock { $0 = script } }

    /// NAPTR, SRV and A records for `domain`: UDP, or TLS, to these ports of this machine, the first preferred.
    func lead(_ domain: String, to ports: [UInt16], life: UInt32, overTLS: Bool = false) {
        let (service, record) = overTLS ? ("SIPS+D2T", "_sips._tcp.\(domain)") : ("SIP+D2U", "_sip._udp.\(domain)")
        say { query in
            switch (query.name, query.type) {
            case (domain, 35):
                var content = NameServer.bytes(10) + NameServer.bytes(10) + NameServer.text("s")
                content += NameServer.text(service) + NameServer.text("") + NameServer.name(record)
                return .records([ScriptedNames.record(35, life, content)])
            case (record, 33):
                return .records(
                    ports.enumerated().map { place, port in
                        var content = NameServer.bytes(UInt16(place)) + NameServer.bytes(10)
                        content += NameServer.bytes(port) + NameServer.name("edge.\(domain)")
                        return ScriptedNames.record(33, life, content)
                    })
            case ("edge.\(domain)", 1): return .records([ScriptedNames.record(1, life, [127, 0, 0, 1])])
            default: return .failure(3)
            }
        }
    }

    private static func record(
        _ type: UInt16, _ life: UInt32, _ content: [UInt8]
    ) -> (type: UInt16, life: UInt32, content: [UInt8]) {
        (type, life, content)
    }

    /// A command that starts a program with this name server.
    func launcher() throws -> [String] {
        let file = FileManager.default.temporaryDirectory.appending(path: "gateway-test-resolv-\(address).conf")
        try "nameserver \(address)\n".write(to: file, atomically: true, encoding: .utf8)
        let script = "mount --bind '\(file.path)' /etc/resolv.conf && exec \"$@\""
        return ["/usr/bin/unshare", "--mount", "/bin/sh", "-c", script, "sh"]
    }
}
