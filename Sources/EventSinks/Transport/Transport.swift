import CallCore
import Curl
import Foundation

/// What every attempt is made with.
struct TransportSettings: Sendable {
    var allowList: SinkAllowList
    /// A file of trusted certificates in PEM.
    var certificates: String
    /// Of one attempt, from connecting to the end of the answer, and of a look-up before it.
    var timeout: Duration
    var userAgent: String
    /// Connections kept open, in use or not.
    var connections: Int
    /// Hosts with events that wait; no more have their names looked up.
    var maximumHosts: Int
    /// Name servers as `address:port`, separated by commas, in place of the system's.
    var nameServers: String?
}

/// The transfers under way. Made on any thread, then used on one; the wake-up alone is for all.
final class Transport {
    private let multi: CurlMulti
    private let settings: TransportSettings
    private var idle: [Transfer] = []
    private var busy: [UInt64: Transfer] = [:]
    private let names: SinkNames

    /// What became of the beginning of an attempt.
    enum Beginning {
        case underWay
        /// The host's addresses are being looked up; ``takeNamed(now:)`` tells when they are there, by `until`.
        case waits(until: UInt64)
        case ended(RawOutcome)
    }

    /// - Throws: ``CurlError`` with what the machine lacks.
    init(_ settings: TransportSettings) throws(CurlError) {
        multi = try CurlMulti(connections: settings.connections)
        names = try SinkNames(
            servers: settings.nameServers, timeout: settings.timeout, maximumHosts: settings.maximumHosts)
        self.settings = settings
        guard access(settings.certificates, R_OK) == 0 else {
            throw .unreadableCertificates(path: settings.certificates)
        }
        // The first one shows whether libcurl has all the options.
        idle.append(try Transfer(settings))
        names.open(wake: multi.wakeUp)
    }

    deinit {
        for transfer in busy.values { multi.remove(transfer.easy) }
    }

    /// Interrupts ``wait(milliseconds:)``, the present one or the next. For any thread, while the transport exists.
    var wakeUp: @Sendable () -> Void { multi.wakeUp }

    /// Begins an attempt, if the addresses of its host are known.
    func start(_ id: UInt64, _ delivery: Delivery, content: Data, now: UInt64) -> Beginning {
        var addresses: [String] = []
        if delivery.sink.address == nil {
            switch names.find(delivery.sink, for: id, now: now) {
            case .known(let new): addresses = new
            case .asked(let until): return .waits(until: until)
            case .failed: return .ended(.failed(.nameNotResolved))
            }
        }
        guard let transfer = idle.popLast() ?? (try? Transfer(settings)) else { return .ended(.malformed) }
        guard transfer.prepare(id, delivery, content: content, addresses: addresses), multi.add(transfer.easy) else {
            idle.append(transfer)
            return .ended(.malformed)
        }
        busy[id] = transfer
        return .underWay
    }

    /// The attempts that waited for a name and may begin, or end, now.
    func takeNamed(now: UInt64) -> [UInt64] { names.take(now: now) }

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
