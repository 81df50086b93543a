import Foundation
import LibCurl

/// Why the provider cannot be asked on this machine.
public enum ProviderSetupError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The CA file cannot be read.
    case unreadableCertificates(path: String)
    /// libcurl has no TLS, or resolves names on the calling thread.
    case unsuitableLibrary(missing: String)
    /// libcurl refused an option or gave no handle.
    case library(String)

    /// The cause and its remedy.
    public var description: String {
        switch self {
        case .unreadableCertificates(let path):
            "the certificates in \(path) cannot be read; configure a readable CA file, or install ca-certificates"
        case .unsuitableLibrary(let missing):
            "libcurl was built without \(missing); install the distribution's libcurl4 package"
        case .library(let reason): "libcurl: \(reason)"
        }
    }
}

/// libcurl's multi handle and its transfers. Made on any thread, then used on one; the wake-up alone is for all.
final class FetchTransport {
    private let multi: UnsafeMutableRawPointer
    private let settings: HTTPFetcher.Settings
    private let certificates: String
    private var idle: [FetchTransfer] = []
    /// By libcurl's handle.
    private var busy: [UnsafeMutableRawPointer: FetchTransfer] = [:]

    /// - Throws: ``ProviderSetupError`` with what the machine lacks.
    init(_ settings: HTTPFetcher.Settings) throws(ProviderSetupError) {
        guard FetchTransport.initialised == CURLE_OK else { throw .library("global initialisation failed") }
        let features = curl_version_info(CURLVERSION_FIRST)?.pointee.features ?? 0
        if features & CURL_VERSION_SSL == 0 { throw .unsuitableLibrary(missing: "TLS") }
        if features & CURL_VERSION_ASYNCHDNS == 0 { throw .unsuitableLibrary(missing: "asynchronous name resolution") }
        certificates = settings.certificates ?? "/etc/ssl/certs/ca-certificates.crt"
        // The system's may be missing where the provider is on loopback and needs none; a handshake fails without them.
        if settings.certificates != nil, access(certificates, R_OK) != 0 {
            throw .unreadableCertificates(path: certificates)
        }
        self.settings = settings
        guard let multi = curl_multi_init() else { throw .library("no multi handle") }
        self.multi = multi
        guard libcurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.maximumInFlight) == CURLM_OK else {
            throw .library("the number of connections is refused")
        }
        // The first one shows whether libcurl has all the options.
        idle.append(try FetchTransfer(certificates: certificates, userAgent: settings.userAgent))
    }

    deinit {
        for easy in busy.keys { curl_multi_remove_handle(multi, easy) }
        busy = [:]
        idle = []
        curl_multi_cleanup(multi)
    }

    private static let initialised = curl_global_init(Int(CURL_GLOBAL_ALL))

    /// Interrupts ``wait(milliseconds:)``, the present one or the next. For any thread, while the transport exists.
    var wakeUp: @Sendable () -> Void {
        nonisolated(unsafe) let multi = multi
        return { curl_multi_wakeup(multi) }
    }

    /// Begins a question.
    func start(_ request: FetchRequest, _ completion: @escaping FetchInbox.Completion) {
        guard busy.count < settings.maximumInFlight else { return completion(.failure(.busy)) }
        let new = { try? FetchTransfer(certificates: self.certificates, userAgent: self.settings.userAgent) }
        guard let transfer = idle.popLast() ?? new(), transfer.prepare(request, completion),
            curl_multi_add_handle(multi, transfer.easy) == CURLM_OK
        else { return completion(.failure(.other("the request cannot be made"))) }
        busy[transfer.easy] = transfer
    }

    /// Moves every question on, without waiting, and completes those that have ended; whether there was one.
    func perform() -> Bool {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        var hasEnded = false
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            // The message is gone once the handle is removed.
            let code = message.pointee.data.result
            let transfer = busy.removeValue(forKey: easy)
            let result = transfer?.result(code)
            curl_multi_remove_handle(multi, easy)
            guard let transfer, let result, let completion = transfer.finish() else { continue }
            idle.append(transfer)
            hasEnded = true
            completion(result)
        }
        return hasEnded
    }

    /// Ends every question.
    func failAll(_ failure: ProviderFailure) {
        let ended = busy.values
        busy = [:]
        for transfer in ended {
            curl_multi_remove_handle(multi, transfer.easy)
            transfer.finish()?(.failure(failure))
        }
    }

    /// Waits for the network, the wake-up or the time.
    func wait(milliseconds: Int32) {
        curl_multi_poll(multi, nil, 0, milliseconds, nil)
    }
}
