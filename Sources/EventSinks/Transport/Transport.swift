import CallCore
import Curl
import Foundation

/// What every attempt is made with.
struct TransportSettings: Sendable {
    var allowList: SinkAllowList
    /// A file of trusted certificates in PEM.
    var certificates: String
    /// Of one attempt, from the look-up of the name to the end of the answer.
    var timeout: Duration
    var userAgent: String
    /// Connections kept open, in use or not.
    var connections: Int
}

/// The transfers under way. Made on any thread, then used on one; the wake-up alone is for all.
final class Transport {
    private let multi: CurlMulti
    private let settings: TransportSettings
    private var idle: [Transfer] = []
    private var busy: [UInt64: Transfer] = [:]

    /// - Throws: ``CurlError`` with what the machine lacks.
    init(_ settings: TransportSettings) throws(CurlError) {
        multi = try CurlMulti(connections: settings.connections)
        self.settings = settings
        guard access(settings.certificates, R_OK) == 0 else {
            throw .unreadableCertificates(path: settings.certificates)
        }
        // The first one shows whether libcurl has all the options.
        idle.append(try Transfer(settings))
    }

    deinit {
        for transfer in busy.values { multi.remove(transfer.easy) }
    }

    /// Interrupts ``wait(milliseconds:)``, the present one or the next. For any thread, while the transport exists.
    var wakeUp: @Sendable () -> Void { multi.wakeUp }

    /// Begins an attempt. False if the request cannot be made.
    func start(_ id: UInt64, _ delivery: Delivery, content: Data) -> Bool {
        guard let transfer = idle.popLast() ?? (try? Transfer(settings)) else { return false }
        guard transfer.prepare(id, delivery, content: content), multi.add(transfer.easy) else {
            idle.append(transfer)
            return false
        }
        busy[id] = transfer
        return true
    }

    /// Moves every transfer on, without waiting, and tells those that have ended.
    func perform(_ ended: (UInt64, RawOutcome) -> Void) {
        multi.perform { easy, code in
            Transfer.of(easy).map { ($0, $0.outcome(code)) }
        } ended: { _, result in
            guard let (transfer, outcome) = result else { return }
            let id = transfer.id
            busy[id] = nil
            transfer.rest()
            idle.append(transfer)
            ended(id, outcome)
        }
    }

    /// Waits for the network, the wake-up or the time.
    func wait(milliseconds: Int32) { multi.wait(milliseconds: milliseconds) }
}
