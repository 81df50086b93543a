import CallCore
import Curl
import Foundation
import Resolver

/// Finds the addresses of sinks' host names, on one thread whatever their number, before an attempt takes a place: a client
/// with many names on dead servers costs neither threads nor other sinks' time. What is found is told to libcurl, which
/// looks nothing up itself. Whether an address may be connected to is decided when it is (``Transfer``).
///
/// Addresses are used for as long as they hold, and while a newer answer is on its way; where the name servers fail, for
/// an hour (RFC 8767 has days). It belongs to the delivery thread.
final class SinkNames {
    /// What is known of a host for an attempt.
    enum Finding: Equatable {
        /// The attempt may begin, with entries of `CURLOPT_RESOLVE` that libcurl has to be told.
        case known([String])
        /// ``take(now:)`` names the attempt, by that time.
        case asked(until: UInt64)
        case failed
    }

    private struct Found: Sendable {
        let origin: String
        let type: RecordType
        let answer: Result<[DNSRecord], ResolverError>
    }

    /// A look-up under way: one for all attempts at an origin.
    private struct Asked {
        let host: String
        let port: UInt16
        let until: UInt64
        var waiting: [UInt64] = []
        var answers: [RecordType: Result<[DNSRecord], ResolverError>] = [:]
    }

    private struct Known {
        var entries: [String]
        /// When it is looked up again, and when it is not used any more.
        var freshUntil: UInt64
        var usableUntil: UInt64
        /// When libcurl was told; nil if it knows something else, or nothing.
        var toldAt: UInt64?
    }

    private static let second: UInt64 = 1_000_000_000
    /// More of one name are not tried.
    private static let maximumAddresses = 16
    /// Answers are kept no shorter and no longer than that.
    private static let life = 5 * second...300 * second
    private static let staleLife = 3_600 * second
    /// libcurl forgets what it was told after a minute, and may begin attempts of one moment in any order.
    private static let toldLife = second / 20...30 * second
    /// That a look-up failed counts for all attempts that waited for it; the next attempts at the name look it up anew.
    private static let failureLife = second / 5
    private static let maximumKnown = 4_096

    private let resolver: Resolver
    private let timeout: UInt64
    private let inbox = CommandInbox<Found>()
    private var asked: [String: Asked] = [:]
    /// Queries that have not come back, those of look-ups that have ended without them included.
    private var queries = 0
    private var known: [String: Known] = [:]
    /// Until when a failure counts, by origin.
    private var failed: [String: UInt64] = [:]

    /// - Parameters:
    ///   - servers: in place of the system's.
    ///   - timeout: of one look-up.
    ///   - maximumHosts: whose names may be looked up at the same time.
    /// - Throws: ``CurlError/library(_:)`` with what the machine lacks.
    init(servers: String?, timeout: Duration, maximumHosts: Int) throws(CurlError) {
        var options = Resolver.Options()
        options.servers = servers
        options.timeout = timeout
        options.attemptTimeout = min(.milliseconds(1_500), timeout)
        // Two queries a name.
        options.maximumPending = 2 * maximumHosts
        options.maximumInFlight = 1_024
        options.maximumInFlightPerGroup = 64
        self.timeout = timeout.nanoseconds
        do { resolver = try Resolver(options) } catch { throw .library(error.description) }
    }

    deinit {
        // What comes from now on wakes nobody.
        _ = inbox.close()
        resolver.stop()
    }

    /// How to interrupt the thread's wait when something is found.
    func open(wake: @escaping @Sendable () -> Void) { inbox.open(wake: wake) }

    /// What is known of the sink's host. If that is nothing, it is looked up for the attempt.
    func find(_ sink: SinkURL, for attempt: UInt64, now: UInt64) -> Finding {
        let origin = sink.origin
        if let found = known[origin], now < found.usableUntil {
            if now >= found.freshUntil, asked[origin] == nil { ask(sink, origin, now: now) }
            if let toldAt = found.toldAt, now < toldAt + SinkNames.toldLife.upperBound {
                return .known(now < toldAt + SinkNames.toldLife.lowerBound ? found.entries : [])
            }
            known[origin]?.toldAt = now
            return .known(found.entries)
        }
        if let until = failed[origin] {
            if now < until { return .failed }
            failed[origin] = nil
        }
        if asked[origin] == nil { ask(sink, origin, now: now) }
        asked[origin]?.waiting.append(attempt)
        // The resolver ends every look-up in its time.
        return .asked(until: (asked[origin]?.until ?? now) + SinkNames.second)
    }

    private func ask(_ sink: SinkURL, _ origin: String, now: UInt64) {
        asked[origin] = Asked(host: sink.host, port: sink.port, until: now + timeout)
        let inbox = inbox
        for type in [RecordType.aaaa, .a] {
            queries += 1
            resolver.lookUp(sink.host, type: type) {
                _ = inbox.post(Found(origin: origin, type: type, answer: $0))
            }
        }
    }

    /// The attempts whose hosts have been found, or not, since it was asked last.
    func take(now: UInt64) -> [UInt64] {
        if queries == 0 { return [] }
        var ready: [UInt64] = []
        for found in inbox.drain() {
            queries -= 1
            // One that has ended without the slower half of its answer has no use for that.
            guard asked[found.origin] != nil else { continue }
            asked[found.origin]?.answers[found.type] = found.answer
            guard let ended = asked[found.origin], SinkNames.isEnough(ended.answers) else { continue }
            asked[found.origin] = nil
            keep(ended, found.origin, now: now)
            ready += ended.waiting
        }
        return ready
    }

    /// Both halves, or IPv4 addresses: servers that are silent about IPv6 alone delay nothing (RFC 8305 §3).
    private static func isEnough(_ answers: [RecordType: Result<[DNSRecord], ResolverError>]) -> Bool {
        if case .success? = answers[.a] { return true }
        return answers.count == 2
    }

    private func keep(_ asked: Asked, _ origin: String, now: UInt64) {
        var records: [DNSRecord] = []
        var isGone = true
        // IPv6 first, as RFC 8305 §4 has it; libcurl does not wait long for it.
        for type in [RecordType.aaaa, .a] {
            switch asked.answers[type] {
            case .success(let found)?: records += found
            case .failure(.noSuchName)?, .failure(.noSuchRecord)?, .failure(.badName)?: break
            case .failure?, nil: isGone = false
            }
        }
        let addresses = records.compactMap(\.address).prefix(SinkNames.maximumAddresses)
        guard !addresses.isEmpty else { return keepFailure(origin, isGone: isGone, now: now) }
        makeRoom(now: now)
        // The plus: libcurl forgets it by itself. The URL may have the name with its final dot.
        let list = addresses.joined(separator: ",")
        let entries = ["", "."].map { "+\(asked.host)\($0):\(asked.port):\(list)" }
        let seconds = UInt64(records.map(\.timeToLive).min() ?? 0) * SinkNames.second
        let life = min(max(seconds, SinkNames.life.lowerBound), SinkNames.life.upperBound)
        let before = known[origin]
        known[origin] = Known(
            entries: entries, freshUntil: now + life, usableUntil: now + life + SinkNames.staleLife,
            toldAt: before?.entries == entries ? before?.toldAt : nil)
    }

    /// What was known stays, unless the servers say that it is no more.
    private func keepFailure(_ origin: String, isGone: Bool, now: UInt64) {
        if isGone { known[origin] = nil }
        guard known[origin] == nil else {
            known[origin]?.freshUntil = now + SinkNames.life.lowerBound
            return
        }
        if failed.count >= SinkNames.maximumKnown { failed = failed.filter { $0.value > now } }
        if failed.count >= SinkNames.maximumKnown { failed = [:] }
        failed[origin] = now + SinkNames.failureLife
    }

    private func makeRoom(now: UInt64) {
        guard known.count >= SinkNames.maximumKnown else { return }
        known = known.filter { $0.value.freshUntil > now }
        if known.count >= SinkNames.maximumKnown { known = [:] }
    }
}

extension DNSRecord {
    /// As `CURLOPT_RESOLVE` wants it.
    fileprivate var address: String? {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        switch content {
        case .a(let bytes): return inet_ntop(AF_INET, bytes, &text, socklen_t(text.count)).map { String(cString: $0) }
        case .aaaa(let bytes):
            return inet_ntop(AF_INET6, bytes, &text, socklen_t(text.count)).map { "[\(String(cString: $0))]" }
        case .srv, .naptr: return nil
        }
    }
}
