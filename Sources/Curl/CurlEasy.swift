import Foundation
import LibCurl

/// libcurl's easy handle, used for one transfer after another, and its header list. It belongs to the thread that uses it.
///
/// What every request of the gateway has in common is set here, once: certificates and host names are checked, redirects
/// never followed, and neither proxies nor credentials come from the environment.
package final class CurlEasy {
    /// libcurl's own.
    package let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private var addresses: UnsafeMutablePointer<curl_slist>?

    /// The certificates that peers are checked against where no CA file is configured.
    package static let systemCertificates = "/etc/ssl/certs/ca-certificates.crt"

    /// - Throws: ``CurlError/library(_:)`` if libcurl lacks something.
    package init(certificates: String, userAgent: String) throws(CurlError) {
        guard let handle = curl_easy_init() else { throw .library("no easy handle") }
        self.handle = handle
        let numbers: [(CURLoption, Int)] = [
            // Without it libcurl would set signal handlers; time-outs of name look-ups do not need them here.
            (CURLOPT_NOSIGNAL, 1),
            // A look-up that outlasts the time-out is left to itself instead of being waited for by the whole thread.
            (CURLOPT_QUICK_EXIT, 1),
            (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_NETRC, 0), (CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
            (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            // One request after the other: HTTP/2 would gain nothing but a larger surface.
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
        ]
        for (option, value) in numbers { try check(libcurl_easy_set_long(handle, option, value)) }
        // An explicit file and no directory: only then does libcurl 7.88 keep the parsed certificates between connections.
        let strings: [(CURLoption, String?)] = [
            (CURLOPT_PROXY, ""), (CURLOPT_NOPROXY, "*"), (CURLOPT_USERAGENT, userAgent),
            (CURLOPT_CAINFO, certificates), (CURLOPT_CAPATH, nil), (CURLOPT_REDIR_PROTOCOLS_STR, "https"),
        ]
        for (option, value) in strings { try check(libcurl_easy_set_string(handle, option, value)) }
    }

    deinit {
        curl_easy_cleanup(handle)
        curl_slist_free_all(headers)
        curl_slist_free_all(addresses)
    }

    /// - Throws: ``CurlError/library(_:)`` if `code` says that an option was refused.
    package func check(_ code: CURLcode) throws(CurlError) {
        guard code == CURLE_OK else { throw .library(String(cString: curl_easy_strerror(code))) }
    }

    /// Both the connection and the whole transfer take no longer; at least a millisecond.
    package func setTimeout(milliseconds: Int) -> Bool {
        let bound = max(1, milliseconds)
        return libcurl_easy_set_long(handle, CURLOPT_TIMEOUT_MS, bound) == CURLE_OK
            && libcurl_easy_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, bound) == CURLE_OK
    }

    /// The request's headers in place of those before. An empty `Expect` comes with them: libcurl does not ask before it
    /// sends.
    package func setHeaders(_ lines: [String]) -> Bool {
        curl_slist_free_all(headers)
        headers = nil
        for line in lines + ["Expect:"] {
            guard let longer = curl_slist_append(headers, line) else { return false }
            headers = longer
        }
        return libcurl_easy_set_list(handle, CURLOPT_HTTPHEADER, headers) == CURLE_OK
    }

    /// What libcurl is told of hosts before it looks one up, in the form of `CURLOPT_RESOLVE`; it tells all transfers of the
    /// same thread.
    package func setAddresses(_ entries: [String]) -> Bool {
        if entries.isEmpty, addresses == nil { return true }
        var list: UnsafeMutablePointer<curl_slist>?
        for entry in entries {
            guard let longer = curl_slist_append(list, entry) else {
                curl_slist_free_all(list)
                return false
            }
            list = longer
        }
        defer {
            curl_slist_free_all(addresses)
            addresses = list
        }
        return libcurl_easy_set_list(handle, CURLOPT_RESOLVE, list) == CURLE_OK
    }
}
