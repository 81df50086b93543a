import CallCore
import Foundation
import LibCurl

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

/// libcurl's multi handle and its transfers. Made on any thread, then used on one; the wake-up alone is for all.
final class Transport {
    private let multi: UnsafeMutableRawPointer
    private let settings: TransportSettings
    private var idle: [Transfer] = []
    private var busy: [UInt64: Transfer] = [:]

    /// - Throws: ``TransportError`` with what the machine lacks.
    init(_ settings: TransportSettings) throws(TransportError) {
        try Transport.checkLibrary()
        guard access(settings.certificates, R_OK) == 0 else {
            throw .unreadableCertificates(path: settings.certificates)
        }
        guard let multi = curl_multi_init() else { throw .library("no multi handle") }
        self.multi = multi
        self.settings = settings
        guard libcurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.connections) == CURLM_OK else {
            throw .library("the number of connections is refused")
        }
        // The first one shows whether libcurl has all the options.
        idle.append(try Transfer(settings))
    }

    deinit {
        for transfer in busy.values { curl_multi_remove_handle(multi, transfer.easy) }
        busy = [:]
        idle = []
        curl_multi_cleanup(multi)
    }

    private static let initialised = curl_global_init(Int(CURL_GLOBAL_ALL))

    private static func checkLibrary() throws(TransportError) {
        guard initialised == CURLE_OK else { throw .library("global initialisation failed") }
        let features = curl_version_info(CURLVERSION_FIRST)?.pointee.features ?? 0
        if features & CURL_VERSION_SSL == 0 { throw .unsuitableLibrary(missing: "TLS") }
        if features & CURL_VERSION_ASYNCHDNS == 0 { throw .unsuitableLibrary(missing: "asynchronous name resolution") }
    }

    /// Interrupts ``wait(milliseconds:)``, the present one or the next. For any thread, while the transport exists.
    var wakeUp: @Sendable () -> Void {
        nonisolated(unsafe) let multi = multi
        return { curl_multi_wakeup(multi) }
    }

    /// Begins an attempt. False if the request cannot be made.
    func start(_ id: UInt64, _ delivery: Delivery, content: Data) -> Bool {
        guard let transfer = idle.popLast() ?? (try? Transfer(settings)) else { return false }
        guard transfer.prepare(id, delivery, content: content), curl_multi_add_handle(multi, transfer.easy) == CURLM_OK
        else {
            idle.append(transfer)
            return false
        }
        busy[id] = transfer
        return true
    }

    /// Moves every transfer on, without waiting, and tells those that have ended.
    func perform(_ ended: (UInt64, RawOutcome) -> Void) {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            // The message is gone once the handle is removed.
            let code = message.pointee.data.result
            curl_multi_remove_handle(multi, easy)
            guard let transfer = Transfer.of(easy) else { continue }
            busy[transfer.id] = nil
            let (id, outcome) = (transfer.id, transfer.outcome(code))
            idle.append(transfer)
            ended(id, outcome)
        }
    }

    /// Waits for the network, the wake-up or the time.
    func wait(milliseconds: Int32) {
        curl_multi_poll(multi, nil, 0, milliseconds, nil)
    }
}
