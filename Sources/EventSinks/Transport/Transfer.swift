import CallCore
import Curl
import Foundation
import LibCurl

/// One handle of libcurl, used for one POST after another, and the copy of its body. All of it belongs to the delivery
/// thread, the callbacks included.
final class Transfer {
    /// Bytes of a response's body that are read and thrown away; of a longer one the rest stays unread.
    static let maximumBody = 64 * 1024
    /// Bytes read at once. libcurl takes and gives back so much for every transfer; what a sink answers is short.
    private static let readBytes = 4 * 1024
    /// Bytes of a request's body that an idle handle keeps room for.
    private static let keptBody = 16 * 1024

    let easy: CurlEasy
    private let allowList: SinkAllowList
    private var body = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    // Of the attempt under way.
    private(set) var id: UInt64 = 0
    private var host = ""
    fileprivate var head = ResponseHead()
    fileprivate var bodyBytes = 0
    fileprivate var headIsTooLong = false
    private var permittedAddresses = 0
    private var refusedAddresses = 0

    /// - Throws: ``CurlError`` if libcurl lacks something.
    init(_ settings: TransportSettings) throws(CurlError) {
        easy = try CurlEasy(certificates: settings.certificates, userAgent: settings.userAgent)
        allowList = settings.allowList
        guard easy.setTimeout(milliseconds: Int(clamping: settings.timeout.nanoseconds / 1_000_000)) else {
            throw .library("the time-out is refused")
        }
        // Nothing but https is spoken.
        try easy.check(libcurl_easy_set_string(easy.handle, CURLOPT_PROTOCOLS_STR, "https"))
        try easy.check(libcurl_easy_set_long(easy.handle, CURLOPT_POST, 1))
        try easy.check(libcurl_easy_set_long(easy.handle, CURLOPT_BUFFERSIZE, Transfer.readBytes))
        let me = Unmanaged.passUnretained(self).toOpaque()
        for option in [CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA] {
            try easy.check(libcurl_easy_set_pointer(easy.handle, option, me))
        }
        try easy.check(libcurl_easy_set_receiver(easy.handle, CURLOPT_WRITEFUNCTION, receiveBody))
        try easy.check(libcurl_easy_set_receiver(easy.handle, CURLOPT_HEADERFUNCTION, receiveHeader))
        try easy.check(libcurl_easy_set_opensocket(easy.handle, openSocket))
    }

    // libcurl reads the body during an attempt only, and none is under way any more.
    deinit { body.deallocate() }

    /// The transfer whose handle this is.
    static func of(_ easy: UnsafeMutableRawPointer) -> Transfer? {
        var pointer: UnsafeMutableRawPointer?
        guard libcurl_easy_get_pointer(easy, CURLINFO_PRIVATE, &pointer) == CURLE_OK, let pointer else { return nil }
        return Unmanaged<Transfer>.fromOpaque(pointer).takeUnretainedValue()
    }

    // MARK: - An attempt

    /// Makes the handle ready to POST `content`. False if the request cannot be made.
    /// - Parameter addresses: what libcurl is to know of the host from now on; none where it knows.
    func prepare(_ id: UInt64, _ delivery: Delivery, content: Data, addresses: [String]) -> Bool {
        self.id = id
        host = delivery.sink.host
        head = ResponseHead()
        bodyBytes = 0
        headIsTooLong = false
        permittedAddresses = 0
        refusedAddresses = 0
        guard Transfer.isHeaderValue(delivery.correlator) else { return false }
        copy(content)
        var lines = ["Content-Type: application/cloudevents+json"]
        if !delivery.correlator.isEmpty { lines.append("x-correlator: \(delivery.correlator)") }
        if let credential = delivery.credential { lines.append("Authorization: Bearer \(credential.accessToken)") }
        guard easy.setHeaders(lines), easy.setAddresses(addresses) else { return false }
        return libcurl_easy_set_string(easy.handle, CURLOPT_URL, delivery.sink.text) == CURLE_OK
            && libcurl_easy_set_size(easy.handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bodyLength)) == CURLE_OK
            && libcurl_easy_set_pointer(easy.handle, CURLOPT_POSTFIELDS, body.baseAddress) == CURLE_OK
    }

    /// What the attempt came to, given libcurl's verdict.
    func outcome(_ code: CURLcode) -> RawOutcome {
        if head.isComplete { return .answered(status: head.status, retryAfter: head.retryAfter) }
        if headIsTooLong { return .failed(.badResponse) }
        if code == CURLE_COULDNT_CONNECT, refusedAddresses > 0, permittedAddresses == 0 { return .refusedAddress }
        return RawOutcome(code)
    }

    /// The attempt has ended: a large body's room is not kept for the next one, which may be small.
    func rest() {
        guard body.count > Transfer.keptBody else { return }
        body.deallocate()
        body = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    private var bodyLength = 0

    /// libcurl does not copy the body, so it gets one that stays where it is.
    private func copy(_ content: Data) {
        content.withUnsafeBytes { bytes in
            bodyLength = bytes.count
            if body.count < max(bytes.count, 1) {
                body.deallocate()
                body = .allocate(byteCount: max(4_096, bytes.count), alignment: 16)
            }
            body.copyMemory(from: bytes)
        }
    }

    /// Visible ASCII and spaces: nothing that ends a header line.
    private static func isHeaderValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }

    // MARK: - Callbacks

    /// Opens a socket for the address libcurl is about to connect to, if it may: the last word on every address, after
    /// all names are resolved.
    fileprivate func open(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Int32 {
        guard let numeric = Transfer.numeric(address), allowList.permits(numeric, host: host) else {
            refusedAddresses += 1
            return -1
        }
        permittedAddresses += 1
        return socket(
            address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }

    private static func numeric(_ address: UnsafeMutablePointer<curl_sockaddr>) -> SinkAddress? {
        guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return nil }
        // libcurl's own structure goes on behind `addr` for as long as `addrlen` says.
        let raw = UnsafeRawPointer(address) + offset
        switch address.pointee.family {
        case AF_INET where address.pointee.addrlen >= MemoryLayout<sockaddr_in>.size:
            return SinkAddress(v4: UInt32(bigEndian: raw.loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr))
        case AF_INET6 where address.pointee.addrlen >= MemoryLayout<sockaddr_in6>.size:
            let bytes = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
            return withUnsafeBytes(of: bytes) {
                SinkAddress(
                    v6: UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)),
                    UInt64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        default: return nil
        }
    }
}

/// How libcurl's attempt ended, before it is known what `Retry-After` and the credential's expiry mean at this moment.
enum RawOutcome: Equatable {
    case answered(status: Int, retryAfter: [UInt8]?)
    case failed(TransportFailure)
    case refusedAddress
    case malformed

    init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED: .malformed
            case CURLE_COULDNT_RESOLVE_HOST: .failed(.nameNotResolved)
            case CURLE_COULDNT_CONNECT: .failed(.notConnected)
            case CURLE_OPERATION_TIMEDOUT: .failed(.timeout)
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: .failed(.certificate)
            case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE:
                .failed(.tls)
            case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: .failed(.disconnected)
            // The URL is https; an unsupported protocol is what libcurl calls an answer that is not HTTP/1.
            case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2: .failed(.badResponse)
            default: .failed(.other)
            }
    }
}

private let receiveBody: curl_write_callback = { _, size, count, context in
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    transfer.bodyBytes += size * count
    // Less than was given ends the transfer; the response's head has been read by then.
    return transfer.bodyBytes > Transfer.maximumBody ? 0 : size * count
}

private let receiveHeader: curl_write_callback = { line, size, count, context in
    guard let context, let line else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    if transfer.head.receive(UnsafeRawBufferPointer(start: line, count: size * count)) { return size * count }
    transfer.headIsTooLong = true
    return 0
}

private let openSocket: curl_opensocket_callback = { context, _, address in
    guard let context, let address else { return -1 }
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().open(address)
}
