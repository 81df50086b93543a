import Curl
import Foundation

/// The questions under way. Made on any thread, then used on one; the wake-up alone is for all.
final class FetchTransport {
    private let multi: CurlMulti
    private let settings: HTTPFetcher.Settings
    private let certificates: String
    private var idle: [FetchTransfer] = []
    /// By libcurl's handle.
    private var busy: [UnsafeMutableRawPointer: FetchTransfer] = [:]

    /// - Throws: ``CurlError`` with what the machine lacks.
    init(_ settings: HTTPFetcher.Settings) throws(CurlError) {
        multi = try CurlMulti(connections: settings.maximumInFlight)
        self.settings = settings
        certificates = settings.certificates ?? CurlEasy.systemCertificates
        // The system's may be missing where the provider is on loopback and needs none; a handshake fails without them.
        if settings.certificates != nil, access(certificates, R_OK) != 0 {
            throw .unreadableCertificates(path: certificates)
        }
        // The first one shows whether libcurl has all the options.
        idle.append(try FetchTransfer(certificates: certificates, userAgent: settings.userAgent))
    }

    deinit {
        for transfer in busy.values { multi.remove(transfer.easy) }
    }

    /// Interrupts ``wait(milliseconds:)``, the present one or the next. For any thread, while the transport exists.
    var wakeUp: @Sendable () -> Void { multi.wakeUp }

    /// Begins a question.
    func start(_ request: FetchRequest, _ completion: @escaping FetchRequest.Completion) {
        guard busy.count < settings.maximumInFlight else { return completion(.failure(.busy)) }
        let new = { try? FetchTransfer(certificates: self.certificates, userAgent: self.settings.userAgent) }
        guard let transfer = idle.popLast() ?? new(), transfer.prepare(request, completion), multi.add(transfer.easy)
        else { return completion(.failure(.other("the request cannot be made"))) }
        busy[transfer.easy.handle] = transfer
    }

    /// Moves every question on, without waiting, and completes those that have ended; whether there was one.
    func perform() -> Bool {
        var hasEnded = false
        multi.perform { easy, code in
            busy[easy]?.result(code)
        } ended: { easy, result in
            guard let result, let transfer = busy.removeValue(forKey: easy), let completion = transfer.finish() else {
                return
            }
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
            multi.remove(transfer.easy)
            transfer.finish()?(.failure(failure))
        }
    }

    /// Waits for the network, the wake-up or the time.
    func wait(milliseconds: Int32) { multi.wait(milliseconds: milliseconds) }
}
