import Foundation

/// The SIP proxy Kamailio (Debian package kamailio) between the gateway and its peers. It relays statefully and stays in
/// every dialog by Record-Route.
package final class Kamailio: Sendable {
    /// Where it sends what.
    package struct Plan: Sendable {
        /// Numbers that begin with it are the gateway's; all others are the peers'.
        package var served: String
        package var gateway: SocketAddress
        package var peer: SocketAddress
        /// Calls to numbers that begin with `forked` go to ``peer`` and to `second` at once.
        package var second: SocketAddress
        package var forked: String

        package init(
            served: String = "+4915", gateway: SocketAddress, peer: SocketAddress, second: SocketAddress,
            forked: String = "+1777"
        ) {
            (self.served, self.gateway, self.peer) = (served, gateway, peer)
            (self.second, self.forked) = (second, forked)
        }
    }

    /// Where it listens, over UDP and TCP.
    package let address: SocketAddress
    private let program: ChildProgram

    /// Starts it on `port` and returns when it listens.
    package static func start(port: UInt16, _ plan: Plan) async throws -> Kamailio {
        let kamailio = try Kamailio(port, plan)
        try await kamailio.program.ready { KernelFile.isBoundUDP(port) }
        return kamailio
    }

    private init(_ port: UInt16, _ plan: Plan) throws {
        address = SocketAddress(port: port)
        // -DD: it stays in the foreground; -E: it logs to standard error; -Y: its run-time files; little memory.
        program = try ChildProgram(
            "/usr/sbin/kamailio", of: "kamailio",
            ["-DD", "-E", "-f", "{folder}/kamailio.cfg", "-Y", "{folder}", "-m", "16", "-M", "4"],
            files: ["kamailio.cfg": Kamailio.configuration(port, plan)])
    }

    /// The last lines of its log.
    package var logTail: String { program.logTail }

    /// Makes it hang: what is sent to it finds a socket, and no answer.
    package func freeze() { program.freeze() }

    /// Kills it as a crash would. What is on its way is lost.
    package func stop() async throws { try await program.stop() }

    private static func configuration(_ port: UInt16, _ plan: Plan) -> String {
        let modules = ["tm", "sl", "rr", "pv", "maxfwd", "siputils", "textops", "corex"]
        return """
            #!KAMAILIO
            debug=0
            log_stderror=yes
            children=2
            tcp_children=2
            auto_aliases=no
            dns=no
            rev_dns=no
            listen=udp:127.0.0.1:\(port)
            listen=tcp:127.0.0.1:\(port)
            \(modules.map { "loadmodule \"\($0).so\"" }.joined(separator: "\n"))

            request_route {
                if (!mf_process_maxfwd_header("70")) {
                    sl_send_reply("483", "Too Many Hops");
                    exit;
                }
                if (is_method("CANCEL")) {
                    if (t_check_trans()) { t_relay(); }
                    exit;
                }
                if (has_totag()) {
                    if (loose_route() || (is_method("ACK") && t_check_trans())) {
                        if (!t_relay()) { sl_reply_error(); }
                    } else if (!is_method("ACK")) {
                        sl_send_reply("404", "Not Here");
                    }
                    exit;
                }
                if (!is_method("INVITE")) {
                    sl_send_reply("405", "Method Not Allowed");
                    exit;
                }
                record_route();
                if ($rU =~ "^\\\(plan.served)") {
                    $du = "sip:\(plan.gateway)";
                } else {
                    if ($rU =~ "^\\\(plan.forked)") {
                        $du = "sip:\(plan.second)";
                        append_branch();
                    }
                    $du = "sip:\(plan.peer)";
                }
                if (!t_relay()) { sl_reply_error(); }
            }

            """
    }
}
