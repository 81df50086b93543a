import LibCurl

/// libcurl's multi handle: many transfers on one thread, which waits for their sockets with libevent: only those that are
/// ready cost anything. Made on any thread, then used on one; the wake-up alone is for all.
package final class CurlMulti {
    private let multi: UnsafeMutableRawPointer
    private let sockets: SocketWatch

    /// - Parameter connections: kept open, in use or not.
    /// - Throws: ``CurlError`` with what the machine lacks.
    package init(connections: Int) throws(CurlError) {
        guard CurlMulti.initialised == CURLE_OK else { throw .library("global initialisation failed") }
        let features = curl_version_info(CURLVERSION_FIRST)?.pointee.features ?? 0
        if features & CURL_VERSION_SSL == 0 { throw .unsuitableLibrary(missing: "TLS") }
        if features & CURL_VERSION_ASYNCHDNS == 0 { throw .unsuitableLibrary(missing: "asynchronous name resolution") }
        sockets = try SocketWatch()
        guard let multi = curl_multi_init() else { throw .library("no multi handle") }
        self.multi = multi
        let me = Unmanaged.passUnretained(sockets).toOpaque()
        guard libcurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections) == CURLM_OK,
            libcurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, me) == CURLM_OK,
            libcurl_multi_set_socket(multi, watchSocket) == CURLM_OK,
            libcurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, me) == CURLM_OK,
            libcurl_multi_set_timer(multi, setTimer) == CURLM_OK
        else { throw .library("an option of many transfers is refused") }
    }

    /// All transfers have been removed by then: their owner does that first. libcurl calls back while it closes its
    /// connections and never afterwards; the watch goes behind it.
    deinit { curl_multi_cleanup(multi) }

    private static let initialised = curl_global_init(Int(CURL_GLOBAL_ALL))

    /// Interrupts ``wait(milliseconds:)``, the present one or the next. For any thread, while this exists.
    package var wakeUp: @Sendable () -> Void { sockets.ring }

    /// Begins a transfer; false if libcurl refuses it.
    package func add(_ easy: CurlEasy) -> Bool { curl_multi_add_handle(multi, easy.handle) == CURLM_OK }

    /// Gives a transfer up; nothing happens to one that has ended.
    package func remove(_ easy: CurlEasy) { curl_multi_remove_handle(multi, easy.handle) }

    /// Moves on every transfer whose socket or time has come, without waiting. Of each that has ended `read` takes what its handle knows; then the handle
    /// is removed, and `ended` may use it for the next.
    package func perform<Outcome>(
        read: (UnsafeMutableRawPointer, CURLcode) -> Outcome, ended: (UnsafeMutableRawPointer, Outcome) -> Void
    ) {
        var running: Int32 = 0
        sockets.forEachReady { curl_multi_socket_action(multi, $0.socket, $0.bits, &running) }
        if sockets.takeDueTimer() { curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running) }
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
    package func wait(milliseconds: Int32) { sockets.wait(milliseconds: milliseconds) }
}

private let watchSocket: curl_socket_callback = { _, socket, interest, context, _ in
    guard let context else { return 0 }
    Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().watch(socket, interest)
    return 0
}

private let setTimer: curl_multi_timer_callback = { _, milliseconds, context in
    guard let context else { return 0 }
    Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().setTimer(milliseconds: milliseconds)
    return 0
}
