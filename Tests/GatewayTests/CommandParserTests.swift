import CallCore
import Configuration
import Endpoint
import SIPBridge
import Testing

@testable import Gateway

@Suite struct CommandParserTests {
    private static let plan: CallPlan? = {
        guard let number = PhoneNumber("+4915100000001"), let caller = PhoneNumber("+19195550100") else { return nil }
        return CallPlan(
            number: number, caller: caller, gateway: SIPAddress(transport: .udp, host: "127.0.0.1", port: 5060))
    }()

    @Test func aCallAndItsOptions() throws {
        var plan = try #require(Self.plan)
        #expect(try CommandParser.parse(["endpoint", "--call", "+4915100000001"]) == .call(plan, listen: []))
        plan.gateway = SIPAddress(transport: .tcp, host: "192.0.2.7", port: 5080)
        plan.caller = try #require(PhoneNumber("+390612345"))
        plan.talk = .milliseconds(500)
        let whole = try CommandParser.parse([
            "endpoint", "--call", "+4915100000001", "--to=tcp:192.0.2.7:5080", "--from", "+390612345", "--talk", "0.5",
            "--listen", "udp:127.0.0.1:5071", "--quiet",
        ])
        #expect(whole == .call(plan, listen: Self.listeners("udp:127.0.0.1:5071"), isQuiet: true))
    }

    private static func listeners(_ texts: String...) -> [SIPListener] { texts.compactMap { SIPListener($0) } }

    @Test(arguments: [
        (["serve", "--config", "g.yaml"], Command.serve(configurationPath: "g.yaml")),
        (["serve", "--config=g.yaml"], .serve(configurationPath: "g.yaml")),
        (["serve", "--config", "--odd"], .serve(configurationPath: "--odd")),
        (["check", "--config", "/etc/g.yaml"], .check(configurationPath: "/etc/g.yaml")),
        (["drain", "--config", "g.yaml"], .drain(configurationPath: "g.yaml")),
        (["reload", "--config", "g.yaml"], .reload(configurationPath: "g.yaml")),
        (["endpoint", "--quiet"], .endpoint(listen: listeners("udp:127.0.0.1:5070"), isQuiet: true)),
        (["endpoint", "--help"], .help(.endpoint)),
        (["help", "endpoint"], .help(.endpoint)),
        (["endpoint"], .endpoint(listen: listeners("udp:127.0.0.1:5070"), isQuiet: false)),
        (
            ["endpoint", "--listen", "udp:127.0.0.1:5071"],
            .endpoint(listen: listeners("udp:127.0.0.1:5071"), isQuiet: false)
        ),
        (
            ["endpoint", "--listen=tcp:[::1]:5071", "--listen", "udp:127.0.0.1:5071"],
            .endpoint(listen: listeners("tcp:[::1]:5071", "udp:127.0.0.1:5071"), isQuiet: false)
        ),
        (["--version"], .version),
        (["help"], .help(.usage)),
        (["--help"], .help(.usage)),
        (["-h"], .help(.usage)),
        (["serve", "--help"], .help(.usage)),
        (["check", "-h"], .help(.usage)),
        (["help", "config"], .help(.configuration)),
        (["help", "config", "--markdown"], .help(.configurationMarkdown)),
    ])
    func understands(_ arguments: [String], _ expected: Command) throws {
        #expect(try CommandParser.parse(arguments) == expected)
    }

    @Test(arguments: [
        ([], "no command given"),
        (["sreve"], "unknown command 'sreve'"),
        (["-v"], "unknown option '-v'"),
        (["serve"], "serve needs --config PATH"),
        (["serve", "--config"], "--config needs a value"),
        (["serve", "--config="], "serve needs --config PATH"),
        (["serve", "--config", "a", "--config", "b"], "--config is given twice"),
        (["serve", "g.yaml"], "serve does not take 'g.yaml'"),
        (["check", "--config", "a", "--verbose"], "check does not take '--verbose'"),
        (["check", "\u{1b}[2J\n"], #"check does not take '\u{1b}[2J\n'"#),
        (["endpoint", "--config", "a"], "endpoint does not take '--config'"),
        (["endpoint", "--listen", "127.0.0.1:5070"], "--listen '127.0.0.1:5070' is no SIP listener"),
        (["endpoint", "--listen", "tls:127.0.0.1:5071"], "--listen 'tls:127.0.0.1:5071' is no SIP listener"),
        (["endpoint", "--call", "112"], "--call '112' is no telephone number"),
        (["endpoint", "--call", "+4915100000001", "--call", "+4915100000002"], "--call is given twice"),
        (["endpoint", "--talk", "5"], "--talk is for a call"),
        (["endpoint", "--to", "udp:127.0.0.1:5060"], "--to is for a call"),
        (["endpoint", "--call", "+4915100000001", "--talk", "nan"], "--talk 'nan' is no time to talk"),
        (["endpoint", "--call", "+4915100000001", "--talk", "-1"], "--talk '-1' is no time to talk"),
        (["endpoint", "--call", "+4915100000001", "--from", "x"], "--from 'x' is no telephone number"),
        (["endpoint", "--call", "+4915100000001", "--to", "gw"], "--to 'gw' is no SIP address"),
        (
            ["endpoint", "--call", "+4915100000001", "--to", "udp:192.0.2.7:5060"],
            "--to udp:192.0.2.7:5060 is another machine"
        ),
        (["reload"], "reload needs --config PATH"),
        (["drain"], "drain needs --config PATH"),
        (["drain", "now"], "drain does not take 'now'"),
        (["--version", "x"], "--version takes no arguments"),
        (["help", "me"], "no help on 'me'"),
        (["help", "config", "--html"], "no help on 'config --html'"),
    ])
    func refuses(_ arguments: [String], _ message: String) {
        let error = #expect(throws: UsageError.self) { try CommandParser.parse(arguments) }
        #expect(error?.message == message)
        #expect(error?.hint.isEmpty == false)
    }

    @Test func theUsageNamesEveryCommand() {
        for word in ["serve", "check", "drain", "endpoint", "help", "--version"] {
            #expect(Usage.text.contains("  \(word) "))
        }
    }
}
