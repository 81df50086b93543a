import CAres
import Foundation

/// c-ares' channel: its servers, its sockets and the queries under way. It belongs to one thread.
///
/// c-ares' callbacks only note what has come, so that it is never called from within itself.
final class Channel {
    private let handle: ares_channel
    private var answers: [(Question, LookUpTable.Answer)] = []
    /// What has been asked and not been answered.
    private(set) var underWay: Set<Question> = []

    private static let initialised = ares_library_init(ARES_LIB_INIT_ALL)

    /// - Throws: ``ResolverError/system(_:)``.
    init(_ options: Resolver.Options) throws(ResolverError) {
        guard Channel.initialised == ARES_SUCCESS else { throw .system("c-ares cannot be initialised") }
        var settings = ares_options()
        settings.timeout = Int32(clamping: max(1, Int64(options.attemptTimeout / .milliseconds(1))))
        settings.tries = Int32(clamping: max(1, options.attempts))
        settings.udp_port = options.port
        settings.tcp_port = options.port
        let mask =
            ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_UDP_PORT | ARES_OPT_TCP_PORT | ARES_OPT_RESOLVCONF
        var channel: ares_channel?
        // c-ares copies the path.
        let path = strdup(options.settingsFile)
        defer { free(path) }
        settings.resolvconf_path = path
        let status = ares_init_options(&channel, &settings, mask)
        guard status == ARES_SUCCESS, let channel else {
            throw .system("c-ares: \(String(cString: ares_strerror(status)))")
        }
        handle = channel
        if let servers = options.servers, ares_set_servers_ports_csv(channel, servers) != ARES_SUCCESS {
            throw .system("the name servers are no list of addresses")
        }
    }

    /// Every query under way calls back before that returns, and none afterwards.
    deinit { ares_destroy(handle) }

    /// One query under way, kept by c-ares until it calls back, which it does once.
    private final class Query {
        unowned let channel: Channel
        let question: Question

        init(_ channel: Channel, _ question: Question) {
            self.channel = channel
            self.question = question
        }
    }

    /// Begins a query; its answer may be there at once.
    func ask(_ question: Question) {
        underWay.insert(question)
        let query = Unmanaged.passRetained(Query(self, question)).toOpaque()
        switch question.type {
        case .a, .aaaa:
            var hints = ares_addrinfo_hints()
            hints.ai_family = question.type == .a ? AF_INET : AF_INET6
            hints.ai_flags = ARES_AI_NOSORT
            ares_getaddrinfo(
                handle, question.name, nil, &hints,
                { context, status, _, found in
                    defer { if let found { ares_freeaddrinfo(found) } }
                    Channel.note(context, status) { _ in .success(Channel.addresses(found)) }
                }, query)
        case .srv, .naptr:
            ares_query(
                handle, question.name, 1, Int32(question.type.rawValue),
                { context, status, _, bytes, length in
                    let message = UnsafeBufferPointer(start: bytes, count: Int(max(0, length)))
                    Channel.note(context, status) { type in
                        do throws(ResolverError) {
                            return .success(try DNSMessage.records(Array(message), type: type))
                        } catch { return .failure(error) }
                    }
                }, query)
        }
    }

    private static func note(
        _ context: UnsafeMutableRawPointer?, _ status: Int32, _ read: (RecordType) -> LookUpTable.Answer
    ) {
        guard let context else { return }
        let query = Unmanaged<Query>.fromOpaque(context).takeRetainedValue()
        // The channel is going, and nobody asks it any more.
        guard status != ARES_EDESTRUCTION else { return }
        var answer: LookUpTable.Answer =
            status == ARES_SUCCESS ? read(query.question.type) : .failure(ResolverError(status))
        if case .success(let records) = answer, records.isEmpty { answer = .failure(.noSuchRecord) }
        query.channel.underWay.remove(query.question)
        query.channel.answers.append((query.question, answer))
    }

    private static func addresses(_ found: UnsafeMutablePointer<ares_addrinfo>?) -> [DNSRecord] {
        var records: [DNSRecord] = []
        var next = found?.pointee.nodes
        while let node = next?.pointee, records.count < DNSMessage.maximumRecords {
            next = node.ai_next
            let life = UInt32(clamping: node.ai_ttl)
            guard let address = UnsafeRawPointer(node.ai_addr) else { continue }
            if node.ai_family == AF_INET {
                let bytes = withUnsafeBytes(of: address.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
                records.append(DNSRecord(content: .a(bytes), timeToLive: life))
            } else if node.ai_family == AF_INET6 {
                let bytes = withUnsafeBytes(of: address.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
                records.append(DNSRecord(content: .aaaa(bytes), timeToLive: life))
            }
        }
        return records
    }

    /// What has come since it was asked last.
    func takeAnswers() -> [(Question, LookUpTable.Answer)] {
        defer { answers = [] }
        return answers
    }

    /// Waits for a server, for `bell` or for the time, and reads what there is.
    func wait(bell: Int32, milliseconds: Int) {
        var sockets = [ares_socket_t](repeating: cares_bad_socket, count: Int(ARES_GETSOCK_MAXNUM))
        let bits = UInt32(bitPattern: ares_getsock(handle, &sockets, Int32(sockets.count)))
        var polled = [pollfd(fd: bell, events: Int16(POLLIN), revents: 0)]
        for (place, socket) in sockets.enumerated() {
            let (reads, writes) = (bits >> place & 1 != 0, bits >> (place + sockets.count) & 1 != 0)
            guard reads || writes else { continue }
            polled.append(
                pollfd(fd: socket, events: Int16((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), revents: 0))
        }
        var limit = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
        var chosen = timeval()
        // What it returns points to one of the two.
        let left = withUnsafeMutablePointer(to: &limit) { limit in
            withUnsafeMutablePointer(to: &chosen) { ares_timeout(handle, limit, $0)?.pointee ?? limit.pointee }
        }
        // Rounded up: too early would be once more for nothing.
        poll(&polled, nfds_t(polled.count), Int32(clamping: left.tv_sec * 1_000 + (left.tv_usec + 999) / 1_000))
        for ready in polled.dropFirst() where ready.revents != 0 {
            let reads = ready.revents & Int16(POLLIN | POLLERR | POLLHUP) != 0
            let writes = ready.revents & Int16(POLLOUT) != 0
            ares_process_fd(handle, reads ? ready.fd : cares_bad_socket, writes ? ready.fd : cares_bad_socket)
        }
        // Those whose time is over.
        ares_process_fd(handle, cares_bad_socket, cares_bad_socket)
    }
}

extension ResolverError {
    init(_ status: Int32) {
        self =
            switch status {
            case ARES_ENOTFOUND, ARES_ENONAME: .noSuchName
            case ARES_ENODATA: .noSuchRecord
            case ARES_ETIMEOUT: .timeout
            case ARES_ESERVFAIL, ARES_EREFUSED, ARES_ENOTIMP, ARES_EFORMERR, ARES_ECONNREFUSED: .serverFailure
            case ARES_EBADNAME, ARES_EBADQUERY: .badName
            case ARES_EBADRESP: .badAnswer
            case ARES_ECANCELLED, ARES_EDESTRUCTION: .cancelled
            default: .system(String(cString: ares_strerror(status)))
            }
    }
}
