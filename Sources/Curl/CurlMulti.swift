import LibCurl

/// libcurl's multi handle: many transfers on one thread. Made on any thread, then used on one; the wake-up alone is for all.
package final class CurlMulti {
    private let multi: UnsafeMutableRawPointer

    /// - Parameter connections: kept open, in use or not.
    /// - Throws: ``CurlError`` with what the machine lacks.
    package init(connections: Int) throws(CurlError) {
        guard CurlMulti.initialised == CURLE_OK else { throw .library("global initialisation failed") }
        let features = curl_version_info(CURLVERSION_FIRST)?.pointee.features ?? 0
        if features & CURL_VERSION_SSL == 0 { throw .unsuitableLibrary(missing: "TLS") }
        if features & CURL_VERSION_ASYNCHDNS == 0 { throw .unsuitableLibrary(missing: "asynchronous name resolution") }
        guard let multi = curl_multi_init() else { throw .library("no multi handle") }
        self.multi = multi
        guard libcurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections) == CURLM_OK else {
            throw .library("the number of connections is refused")
        }
    }

    /// All transfers have been removed by then: their owner does that first.
    deinit { curl_multi_cleanup(multi) }

    private static let initialised = curl_global_init(Int(CURL_GLOBAL_ALL))

    /// Interrupts ``wait(milliseconds:)``, the present one or the next. For any thread, while this exists.
    package var wakeUp: @Sendable () -> Void {
        // Unsafe by type only: curl_multi_wakeup is the one function of a multi handle that any thread may call.
        nonisolated(unsafe) let multi = multi
        return { curl_multi_wakeup(multi) }
    }

    /// Begins a transfer; false if libcurl refuses it.
    package func add(_ easy: CurlEasy) -> Bool { curl_multi_add_handle(multi, easy.handle) == CURLM_OK }

    /// Gives a transfer up; nothing happens to one that has ended.
    package func remove(_ easy: CurlEasy) { curl_multi_remove_handle(multi, easy.handle) }

    /// Moves every transfer on, without waiting. Of each that has ended `read` takes what its handle knows; then the handle
    /// is removed, and `ended` may use it for the next.
    package func perform<Outcome>(
        read: (UnsafeMutableRawPointer, CURLcode) -> Outcome, ended: (UnsafeMutableRawPointer, Outcome) -> Void
    ) {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            // The message is gone once the handle is removed.
            let code = message.pointee.data.result
            let outcome = read(easy, code)
            curl_multi_remove_handle(multi, easy)
            ended(easy, outcome)
        }
    }

    /// Waits for the network, the wake-up or the time.
    package func wait(milliseconds: Int32) { curl_multi_poll(multi, nil, 0, milliseconds, nil) }
}
