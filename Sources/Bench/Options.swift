/// What to measure, from the command line.
struct Options {
    /// One measurement.
    enum Mode: String, CaseIterable {
        case closed, half, rate, held, events, inbound, overload, reload, floor
    }

    var modes = Set(Mode.allCases)
    var quick = false
    var gateway = ".build/release/gateway"
    var floor = ".build/release/NTAFloor"
    /// Where the API mounts sessions.
    var path = "/webrtc/sessions"
    /// Where the gateway stores in mode `events`: a file, as where an operator has not set it.
    var storage = "sqlite:events.db"
    /// Length of each timed phase; nil: each phase's own.
    var seconds: Double?
    /// Calls a second of mode `rate`.
    var rate: Double = 1_500
    /// Calls of mode `held`.
    var heldCalls = 20_000
    /// Calls a second of mode `inbound`.
    var inboundRate: Double = 1_000

    static let help = """
        usage: bench [--quick] [--only MODE[,MODE...]] [--seconds N] [--rate N] [--held N]
                     [--storage URL] [--gateway PATH] [--floor PATH] [--path PATH]
          --quick      less than a minute in all: checks that every call is complete, judges no figure
          --only       closed (1, 8, 32, 128 calls in flight), half (Poisson arrivals at half the rate that closed
                       reached), rate (Poisson arrivals at a fixed rate), held (memory per held call),
                       events (32 calls in flight, with a subscription for every caller and without, in turns),
                       inbound (calls from the network at 1,000/s, and calls to it, in turns),
                       overload (Poisson arrivals at three times the capacity, then at half of it),
                       reload (Poisson arrivals at 500/s while the configuration is read again a hundred times),
                       floor (the same SIP work on the bare SIP library)
          --seconds N  length of each timed phase but the run-in, 1 to 3600
          --rate N     calls a second of mode rate, 1 to 20000; 1500 if not given
          --held N     calls of mode held, 1 to 50000; 20000 if not given
          --storage URL  storage.url of mode events, such as memory:; sqlite:events.db if not given
          --gateway, --floor  the programs; --path  where the API mounts sessions
        """

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        func number(_ name: String, _ range: ClosedRange<Double>) throws -> Double {
            guard let text = rest.popFirst(), let value = Double(text), range.contains(value) else {
                throw BenchError.usage(
                    "\(name) takes a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))")
            }
            return value
        }
        func text(_ name: String) throws -> String {
            guard let text = rest.popFirst(), !text.isEmpty else { throw BenchError.usage("\(name) takes a value") }
            return text
        }
        while let name = rest.popFirst() {
            switch name {
            case "--quick":
                quick = true
                rate = 200
                inboundRate = 200
                heldCalls = 200
            case "--only":
                modes = Set(
                    try text(name).split(separator: ",").map {
                        guard let mode = Mode(rawValue: String($0)) else { throw BenchError.usage("no mode \($0)") }
                        return mode
                    })
            case "--seconds": seconds = try number(name, 1...3_600)
            case "--rate": rate = try number(name, 1...20_000)
            case "--held": heldCalls = Int(try number(name, 1...50_000))
            case "--storage": storage = try text(name)
            case "--gateway": gateway = try text(name)
            case "--floor": floor = try text(name)
            case "--path": path = try text(name)
            default: throw BenchError.usage("unknown option \(name)")
            }
        }
    }

    /// Concurrencies of mode `closed`.
    var concurrencies: [Int] { quick ? [1, 32] : [1, 8, 32, 128] }
    var closedSeconds: Double { seconds ?? (quick ? 1 : 10) }
    /// A new gateway's first seconds, looked at for themselves, and those until INVITE transactions end as fast as they begin
    /// (64·T1 = 32 s).
    var runInSeconds: (first: Double, rest: Double) { quick ? (1, 1) : (10, 28) }
    var halfSeconds: Double { seconds ?? (quick ? 1 : 20) }
    var rateSeconds: Double { seconds ?? (quick ? 1 : 60) }
    /// Each of two phases in each of ``eventRounds`` rounds.
    var eventSeconds: Double { seconds ?? (quick ? 1 : 5) }
    var eventRounds: Int { quick ? 1 : 4 }
    /// Each of two phases in each of ``inboundRounds`` rounds.
    var inboundSeconds: Double { seconds ?? (quick ? 1 : 10) }
    var inboundRounds: Int { quick ? 1 : 2 }
    /// At three times the capacity.
    var overloadSeconds: Double { seconds ?? (quick ? 2 : 60) }
    /// At half of it, right after.
    var recoverySeconds: Double { quick ? 2 : 15 }
    var capacitySeconds: Double { quick ? 1 : 5 }
    /// Emergency calls at three times the capacity, and once more with the trunk full and draining begun.
    var emergencyCalls: Int { quick ? 10 : 100 }
    var drainingSeconds: Double { quick ? 2 : 15 }
    /// Calls a second of mode `reload`.
    var reloadRate: Double { quick ? 100 : 500 }
    var reloads: Int { quick ? 4 : 100 }
    var reloadInterval: Double { 0.5 }
    /// Before the first one: longer than INVITE transactions live.
    var reloadSettleSeconds: Double { quick ? 1 : 40 }
    var floorSeconds: Double { seconds ?? (quick ? 1 : 10) }
    /// Callers, each with a number and a token.
    var originators: Int { quick ? 200 : 2_000 }
    /// Calls a second while held calls are established.
    var holdRate: Double { 500 }
    /// Calls a second while they are ended.
    var hangUpRate: Double { 1_000 }
    /// Time from the last held call to the first look at memory: INVITE transactions stay 64·T1 = 32 s after their
    /// 200 (RFC 6026 Timer M).
    var settleSeconds: Double { quick ? 0.5 : 34 }
    /// Time from the last BYE to the last look: the BYE transactions stay T4 = 5 s (RFC 3261 Timer K), ended sessions
    /// as long as ``heldKeepEnded``.
    var clearSeconds: Double { quick ? 0.5 : 12 }
    /// Longest wait for events that should have come: what an attempt and its first repetitions take.
    var arrivalSeconds: Double { 30 }
}
