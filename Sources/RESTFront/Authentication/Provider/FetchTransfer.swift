import CallCore
import Foundation
import LibCurl

/// One libcurl easy handle, used for one question after another. It owns the handle, the header list and the answer; all of
/// it belongs to the fetching thread, the callback included.
final class FetchTransfer {
    let easy: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var body = Data()
    private var maximumBytes = 0
    private var isTooLong = false
    private var completion: FetchInbox.Completion?

    /// - Throws: ``ProviderSetupError`` if libcurl lacks something.
    init(certificates: String, userAgent: String) throws(ProviderSetupError) {
        guard let easy = curl_easy_init() else { throw .library("no easy handle") }
        self.easy = easy
        try configure(certificates, userAgent)
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headers)
    }

    private func configure(_ certificates: String, _ userAgent: String) throws(ProviderSetupError) {
        // Redirects are never followed: what the operator configured is what is trusted. Neither proxies nor credentials
        // come from the environment.
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1),
            // A look-up that outlasts the time-out is left to itself instead of being waited for by the whole thread.
            (CURLOPT_QUICK_EXIT, 1),
            (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_NETRC, 0), (CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
        ]
        for (option, value) in numbers { try check(libcurl_easy_set_long(easy, option, value)) }
        // An explicit file and no directory: only then does libcurl 7.88 keep the parsed certificates between connections.
        let strings: [(CURLoption, String?)] = [
            (CURLOPT_PROXY, ""), (CURLOPT_NOPROXY, "*"), (CURLOPT_USERAGENT, userAgent),
            (CURLOPT_CAINFO, certificates), (CURLOPT_CAPATH, nil),
        ]
        for (option, value) in strings { try check(libcurl_easy_set_string(easy, option, value)) }
        try check(libcurl_easy_set_pointer(easy, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque()))
        try check(libcurl_easy_set_receiver(easy, CURLOPT_WRITEFUNCTION, receiveBody))
    }

    private func check(_ code: CURLcode) throws(ProviderSetupError) {
        guard code == CURLE_OK else { throw .library(String(cString: curl_easy_strerror(code))) }
    }

    /// Makes the handle ready to ask. False if the request cannot be made.
    func prepare(_ request: FetchRequest, _ completion: @escaping FetchInbox.Completion) -> Bool {
        body = Data()
        isTooLong = false
        maximumBytes = request.maximumBytes
        // An empty `Expect` keeps libcurl from asking before it sends.
        var lines = ["Accept: application/json", "Expect:"]
        // Base64: nothing in it ends a header line.
        if let authorization = request.authorization { lines.append("Authorization: \(authorization)") }
        let milliseconds = Int(clamping: max(1, request.timeout.nanoseconds / 1_000_000))
        guard setHeaders(lines), setMethod(request.body),
            libcurl_easy_set_string(easy, CURLOPT_PROTOCOLS_STR, request.url.scheme) == CURLE_OK,
            libcurl_easy_set_string(easy, CURLOPT_URL, request.url.text) == CURLE_OK,
            libcurl_easy_set_long(easy, CURLOPT_TIMEOUT_MS, milliseconds) == CURLE_OK,
            libcurl_easy_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, milliseconds) == CURLE_OK
        else { return false }
        self.completion = completion
        return true
    }

    private func setMethod(_ body: String?) -> Bool {
        guard let body else { return libcurl_easy_set_long(easy, CURLOPT_HTTPGET, 1) == CURLE_OK }
        return libcurl_easy_set_long(easy, CURLOPT_POST, 1) == CURLE_OK
            && libcurl_easy_set_size(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.utf8.count)) == CURLE_OK
            && libcurl_easy_set_string(easy, CURLOPT_COPYPOSTFIELDS, body) == CURLE_OK
    }

    private func setHeaders(_ lines: [String]) -> Bool {
        curl_slist_free_all(headers)
        headers = nil
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else { return false }
            headers = longer
        }
        return libcurl_easy_set_list(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK
    }

    /// What the question came to, given libcurl's verdict. Before the handle is taken out of the multi handle.
    func result(_ code: CURLcode) -> Result<FetchResponse, ProviderFailure> {
        if isTooLong { return .failure(.tooLong(bytes: maximumBytes)) }
        if code != CURLE_OK { return .failure(ProviderFailure(code)) }
        var status = 0
        libcurl_easy_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        guard status == 200 else { return .failure(.status(status)) }
        return .success(FetchResponse(body: body, cacheControl: header("Cache-Control")))
    }

    /// Lets go of the question; returns its completion, once. Neither the answer nor the form, which may hold a token,
    /// stays with the handle.
    func finish() -> FetchInbox.Completion? {
        defer { completion = nil }
        body = Data()
        libcurl_easy_set_string(easy, CURLOPT_COPYPOSTFIELDS, nil)
        return completion
    }

    /// The values of all lines of a header, joined.
    private func header(_ name: String) -> String {
        var values: [String] = []
        var line: UnsafeMutablePointer<curl_header>?
        while values.count < 16,
            curl_easy_header(easy, name, values.count, UInt32(CURLH_HEADER), -1, &line) == CURLHE_OK,
            let value = line?.pointee.value
        {
            values.append(String(cString: value))
        }
        return values.joined(separator: ",")
    }

    /// Takes a piece of the answer; false if it is too much.
    fileprivate func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
        isTooLong = body.count + bytes.count > maximumBytes
        if !isTooLong { body.append(contentsOf: bytes) }
        return !isTooLong
    }
}

extension ProviderFailure {
    fileprivate init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST: .nameNotResolved
            case CURLE_COULDNT_CONNECT: .notConnected
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR: .certificate
            case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE: .tls
            case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: .disconnected
            // The schemes are http and https; an unsupported protocol is what libcurl calls an answer that is not HTTP/1.
            case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL: .unreadable("it is not HTTP/1")
            default: .other(String(cString: curl_easy_strerror(code)))
            }
    }
}

private let receiveBody: curl_write_callback = { bytes, size, count, context in
    guard let context, let bytes else { return 0 }
    let transfer = Unmanaged<FetchTransfer>.fromOpaque(context).takeUnretainedValue()
    // Less than was given ends the transfer.
    return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
}
