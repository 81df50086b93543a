import Glibc

/// Why the benchmark could not run at all. A call that fails is not an error: it is counted.
enum BenchError: Error, CustomStringConvertible {
    case usage(String)
    case system(String, Int32)
    case gateway(String, log: String)
    case token(String)
    case floor(String)
    case sink(String)
    case enrolment(String)

    var description: String {
        switch self {
        case .usage(let problem): "\(problem)\n\(Options.help)"
        case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
        case .gateway(let problem, let log): "the gateway \(problem)\(log.isEmpty ? "" : "; its last words:\n\(log)")"
        case .token(let problem): "no access tokens: \(problem)"
        case .floor(let problem): "the floor program \(problem)"
        case .sink(let problem): "the sink \(problem)"
        case .enrolment(let problem): "callers could not be set up: \(problem)"
        }
    }
}
