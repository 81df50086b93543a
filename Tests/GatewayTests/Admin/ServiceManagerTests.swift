import Foundation
import TestPeer
import Testing

@testable import Gateway

/// sd_notify(3), against a socket of the test's own.
@Suite struct ServiceManagerTests {
    private func withSocket(_ name: String, _ body: (Int32) throws -> Void) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(2 + bytes.count)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
        try body(descriptor)
    }

    private func receive(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 100)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }

    @Test("A path and an abstract name", arguments: [true, false])
    func tells(isAbstract: Bool) throws {
        let unique = "gateway-notify-\(UUID().uuidString)"
        let name = isAbstract ? "@\(unique)" : "/tmp/\(unique)"
        defer { if !isAbstract { unlink(name) } }
        try withSocket(name) { descriptor in
            let manager = ServiceManager(environment: ["NOTIFY_SOCKET": name], process: 7)
            #expect(manager.tell(.ready))
            #expect(receive(descriptor) == "READY=1")
            #expect(manager.tell(.alive))
            #expect(manager.tell(.stopping))
            #expect(receive(descriptor) == "WATCHDOG=1")
            #expect(receive(descriptor) == "STOPPING=1")
        }
    }

    @Test("Without a socket, with a name that is none, or with nobody behind it nothing is told")
    func nobody() {
        #expect(!ServiceManager(environment: [:], process: 7).tell(.ready))
        #expect(!ServiceManager(environment: ["NOTIFY_SOCKET": "vsock:2"], process: 7).tell(.ready))
        #expect(!ServiceManager(environment: ["NOTIFY_SOCKET": ""], process: 7).tell(.ready))
        #expect(!ServiceManager(environment: ["NOTIFY_SOCKET": "/nowhere/socket"], process: 7).tell(.ready))
        let long = "/" + String(repeating: "x", count: 200)
        #expect(!ServiceManager(environment: ["NOTIFY_SOCKET": long], process: 7).tell(.ready))
    }

    @Test("The watchdog is ours if it names this process or none")
    func watchdog() {
        let base = ["NOTIFY_SOCKET": "/run/notify", "WATCHDOG_USEC": "30000000"]
        func has(_ more: [String: String]) -> Bool {
            ServiceManager(environment: base.merging(more) { $1 }, process: 7).hasWatchdog
        }
        #expect(has([:]) && has(["WATCHDOG_PID": "7"]))
        #expect(!has(["WATCHDOG_PID": "8"]) && !has(["WATCHDOG_USEC": "0"]) && !has(["NOTIFY_SOCKET": ""]))
    }
}
