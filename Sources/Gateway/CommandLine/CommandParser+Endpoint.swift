import CallCore
import Configuration
import Endpoint
import SIPBridge

/// `gateway endpoint`, as an endpoint that waits for calls or one that places a call.
extension CommandParser {
    /// Where an INVITE goes if it is not told: where `config/demo.yaml` listens.
    static let defaultGateway = "udp:127.0.0.1:5060"
    /// Options that mean nothing without `--call`.
    private static let ofACall = ["--to", "--from", "--talk"]

    static func endpoint(_ rest: [String]) throws(UsageError) -> Command {
        let isQuiet = rest.contains("--quiet")
        let options = try values(
            of: ["--listen", "--call"] + ofACall, in: rest.filter { $0 != "--quiet" }, for: "endpoint")
        var listen: [SIPListener] = []
        for text in options["--listen"] ?? [] { listen.append(try listener(text, of: "--listen")) }
        guard let number = try single("--call", options) else {
            if let option = ofACall.first(where: { options[$0] != nil }) {
                throw UsageError("\(option) is for a call", hint: "Give --call NUMBER as well.")
            }
            return .endpoint(listen: listen.isEmpty ? defaultEndpoint : listen, isQuiet: isQuiet)
        }
        let gateway = try listener(try single("--to", options) ?? defaultGateway, of: "--to")
        let host = gateway.address.description
        guard !listen.isEmpty || host.hasPrefix("127.") || host == "::1" else {
            throw UsageError(
                "--to \(gateway) is another machine", hint: "Give --listen with the address it can answer to.")
        }
        let plan = CallPlan(
            number: try phoneNumber(number, of: "--call"),
            caller: try phoneNumber(try single("--from", options) ?? EndpointCommand.defaultCaller, of: "--from"),
            gateway: SIPAddress(gateway), talk: try talk(try single("--talk", options) ?? "5"))
        return .call(plan, listen: listen, isQuiet: isQuiet)
    }

    private static func single(_ option: String, _ options: [String: [String]]) throws(UsageError) -> String? {
        let values = options[option] ?? []
        guard values.count <= 1 else { throw UsageError("\(option) is given twice") }
        return values.first
    }

    private static func listener(_ text: String, of option: String) throws(UsageError) -> SIPListener {
        guard let listener = SIPListener(text), listener.transport != .tls else {
            throw UsageError(
                "\(option) \(shown(text)) is no SIP \(option == "--to" ? "address" : "listener")",
                hint: "Allowed: udp:IP:PORT or tcp:IP:PORT, for example udp:127.0.0.1:5070.")
        }
        return listener
    }

    private static func phoneNumber(_ text: String, of option: String) throws(UsageError) -> PhoneNumber {
        guard let number = PhoneNumber(text) else {
            throw UsageError(
                "\(option) \(shown(text)) is no telephone number", hint: "Allowed: + and 5 to 15 digits.")
        }
        return number
    }

    private static func talk(_ text: String) throws(UsageError) -> Duration {
        guard let seconds = Double(text), (0...3_600).contains(seconds) else {
            throw UsageError("--talk \(shown(text)) is no time to talk", hint: "Allowed: 0 to 3600 seconds.")
        }
        return .seconds(seconds)
    }
}

extension SIPAddress {
    /// The address of a listener as the command line writes it.
    init(_ listener: SIPListener) {
        self.init(
            transport: .init(listener.transport), host: listener.address.description, port: listener.port)
    }
}
