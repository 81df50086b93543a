import CallCore
import Curl
import Foundation
import LibCurl

/// One handle of libcurl, used for one question after another, and the answer. All of it belongs to the fetching thread, the
/// callback included.
final class FetchTransfer {
    let easy: CurlEasy
    private var body = Data()
    private var maximumBytes = 0
    private var isTooLong = false
    private var completion: FetchRequest.Completion?

    /// - Throws: ``CurlError`` if libcurl lacks something.
    init(certificates: String, userAgent: String) throws(CurlError) {
        easy = try CurlEasy(certificates: certificates, userAgent: userAgent)
        let me = Unmanaged.passUnretained(self).toOpaque()
        try easy.check(libcurl_easy_set_pointer(easy.handle, CURLOPT_WRITEDATA, me))
        try easy.check(libcurl_easy_set_receiver(easy.handle, CURLOPT_WRITEFUNCTION, receiveBody))
    }

    /// Makes the handle ready to ask. False if the request cannot be made.
    func prepare(_ request: FetchRequest, _ completion: @escaping FetchRequest.Completion) -> Bool {
        body = Data()
        isTooLong = false
        maximumBytes = request.maximumBytes
        var lines = ["Accept: application/json"]
        // Base64: nothing in it ends a header line.
        if let authorization = request.authorization { lines.append("Authorization: \(authorization)") }
        let milliseconds = Int(clamping: request.timeout.nanoseconds / 1_000_000)
        guard easy.setHeaders(lines), easy.setTimeout(milliseconds: milliseconds), setMethod(request.body),
            libcurl_easy_set_string(easy.handle, CURLOPT_PROTOCOLS_STR, request.url.scheme) == CURLE_OK,
            libcurl_easy_set_string(easy.handle, CURLOPT_URL, request.url.text) == CURLE_OK
        else { return false }
        self.completion = completion
        return true
    }

    private func setMethod(_ body: String?) -> Bool {
        guard let body else { return libcurl_easy_set_long(easy.handle, CURLOPT_HTTPGET, 1) == CURLE_OK }
        return libcurl_easy_set_long(easy.handle, CURLOPT_POST, 1) == CURLE_OK
            && libcurl_easy_set_size(easy.handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.utf8.count)) == CURLE_OK
            && libcurl_easy_set_string(easy.handle, CURLOPT_COPYPOSTFIELDS, body) == CURLE_OK
    }

    /// What the question came to, given libcurl's verdict.
    func result(_ code: CURLcode) -> Result<FetchResponse, ProviderFailure> {
        if isTooLong { return .failure(.tooLong(bytes: maximumBytes)) }
        if code != CURLE_OK { return .failure(ProviderFailure(code)) }
        var status = 0
        libcurl_easy_get_long(easy.handle, CURLINFO_RESPONSE_CODE, &status)
        guard status == 200 else { return .failure(.status(status)) }
        return .success(FetchResponse(body: body, cacheControl: header("Cache-Control")))
    }

    /// Lets go of the question; returns its completion, once. Neither the answer nor the form, which may hold a token,
    /// stays with the handle.
    func finish() -> FetchRequest.Completion? {
        defer { completion = nil }
        body = Data()
        libcurl_easy_set_string(easy.handle, CURLOPT_COPYPOSTFIELDS, nil)
        return completion
    }

    /// The values of all lines of a header, joined.
    private func header(_ name: String) -> String {
        var values: [String] = []
        var line: UnsafeMutablePointer<curl_header>?
        while values.count < 16,
            curl_easy_header(easy.handle, name, values.count, UInt32(CURLH_HEADER), -1, &line) == CURLHE_OK,
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
