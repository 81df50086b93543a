import Foundation
import Synchronization

/// The SIP telephone baresip (Debian package baresip-core), without a user or a sound card: it sends a tone into its
/// calls, writes what it hears to another, and is driven over its control connection.
package final class Baresip: Sendable {
    /// Something it tells, such as `CALL_ESTABLISHED`.
    package struct Event: Sendable {
        package let type: String
        package let json: JSONValue
    }

    /// Where it listens for SIP.
    package let address: SocketAddress
    private let program: ChildProgram
    private let control: Control

    /// Starts it with `number` as its own on `port`, and returns when it can be called. It takes `port + 1` too.
    package static func start(port: UInt16, number: String) async throws -> Baresip {
        let controlPort = try FreePort.next()
        let program = try ChildProgram(
            "/usr/bin/baresip", of: "baresip-core", ["-f", "{folder}"],
            files: [
                "config": configuration(port, control: controlPort),
                // It is called by its number only if it does not register; it rings until it is told to answer.
                "accounts": "<sip:\(number)@127.0.0.1:\(port)>;regint=0;answermode=manual;audio_codecs=PCMA\n",
                "contacts": "",
            ])
        var control: Control?
        try await program.ready {
            if control == nil { control = try? Control(controlPort) }
            return control != nil && KernelFile.isBoundUDP(port) && program.logTail.contains("baresip is ready")
        }
        guard let control else { throw ChildProgram.Failure(description: "baresip has no control connection") }
        return Baresip(SocketAddress(port: port), program, control)
    }

    private init(_ address: SocketAddress, _ program: ChildProgram, _ control: Control) {
        (self.address, self.program, self.control) = (address, program, control)
    }

    /// The last lines of its log.
    package var logTail: String { program.logTail }

    /// Has it do `command` of its menu, and returns when it has said that it does.
    /// - Throws: ``PatienceLost`` with its log.
    package func order(_ command: String, _ parameter: String = "") async throws {
        control.send("{\"command\":\"\(command)\",\"params\":\"\(parameter)\"}")
        guard let reply = await control.replies.next(), reply["ok"] == .bool(true) else {
            throw PatienceLost("baresip's consent to \(command)", ladder: logTail)
        }
    }

    /// Takes its next event of `type`.
    /// - Throws: ``PatienceLost`` with what it has told instead.
    @discardableResult
    package func told(_ type: String, within patience: Duration = Patience.standard) async throws -> Event {
        guard let event = await control.events.next(within: patience, where: { $0.type == type }) else {
            let others = control.events.values.map(\.type).joined(separator: " ")
            throw PatienceLost("\(type) of baresip", ladder: "\(others)\n\(logTail)")
        }
        return event
    }

    /// Kills it.
    package func stop() async throws {
        control.close()
        try await program.stop()
    }

    private static func configuration(_ port: UInt16, control: UInt16) -> String {
        """
        sip_listen 127.0.0.1:\(port)
        net_interface 127.0.0.1
        module_path /usr/lib/baresip/modules
        module g711.so
        module ausine.so
        module aufile.so
        module ctrl_tcp.so
        module_tmp account.so
        module_app menu.so
        audio_source ausine,440
        ausrc_srate 48000
        ausrc_channels 2
        audio_player aufile,heard.wav
        audio_alert aufile,alert.wav
        ctrl_tcp_listen 127.0.0.1:\(control)

        """
    }

    /// Its control connection: JSON in netstrings.
    private final class Control: Sendable {
        let events = Mailbox<Event>()
        let replies = Mailbox<JSONValue>()
        private static let loop = Result { try ReadLoop(name: "baresip control") }
        private let stream: TCPStream

        init(_ port: UInt16) throws {
            stream = try TCPStream(to: SocketAddress(port: port), loop: Control.loop.get())
            let buffer = Mutex<[UInt8]>([])
            stream.start { [events, replies] bytes in
                let messages = buffer.withLock { buffer in
                    buffer += bytes ?? []
                    var messages: [JSONValue] = []
                    while let text = Control.take(from: &buffer) {
                        if let message = try? JSONValue(parsing: text) { messages.append(message) }
                    }
                    return messages
                }
                for message in messages {
                    if let type = message["type"]?.string {
                        events.put(Event(type: type, json: message))
                    } else {
                        replies.put(message)
                    }
                }
            }
        }

        func send(_ text: String) { stream.send(Array("\(text.utf8.count):\(text),".utf8)) }

        func close() { stream.close() }

        /// The content of a whole netstring at the front, taken off.
        private static func take(from buffer: inout [UInt8]) -> [UInt8]? {
            guard let colon = buffer.firstIndex(of: 58),
                let length = Int(String(decoding: buffer[..<colon], as: UTF8.self)),
                buffer.count > colon + 1 + length
            else { return nil }
            let content = Array(buffer[(colon + 1)..<(colon + 1 + length)])
            buffer.removeFirst(colon + length + 2)
            return content
        }
    }
}
