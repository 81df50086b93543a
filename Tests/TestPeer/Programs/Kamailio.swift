import Foundation
import TestTLS

/// The SIP proxy Kamailio (Debian package kamailio) between the gateway and its peers. It relays statefully and stays in
/// every dialog by Record-Route. With an account it asks the gateway for credentials, and is a registrar too.
package final class Kamailio: Sendable {
    /// Where it sends what.
    package struct Plan: Sendable {
        /// What every request of the gateway but ACK and CANCEL must prove: a 407 challenges it, a 401 a REGISTER.
        package struct Account: Sendable {
            package var username: String
            package var password: String
            package var realm: String
            /// MD5 or SHA-256.
            package var algorithm: String

            package init(username: String, password: String, realm: String, algorithm: String) {
                (self.username, self.password) = (username, password)
                (self.realm, self.algorithm) = (realm, algorithm)
            }
        }

        /// Numbers that begin with it are the gateway's; all others are the peers'.
        package var served: String
        package var gateway: SocketAddress
        package var peer: SocketAddress
        /// Calls to numbers that begin with `forked` go to ``peer`` and to `second` at once.
        package var second: SocketAddress
        package var forked: String
        /// Nil: nobody is asked for anything. With one, calls to ``served`` go to the Contact that is registered.
        package var account: Account?
        /// How it speaks with the gateway over TLS; nil: plain.
        package var secure: Secure?

        /// Its TLS listener is on the port after the plain one's.
        package struct Secure: Sendable {
            package var pair: TestAuthority.Pair
            /// Whom the gateway's certificate must come from, at both ends of a connection.
            package var ca: String
            /// The port of the gateway's TLS listener.
            package var gateway: UInt16

            package init(pair: TestAuthority.Pair, ca: String, gateway: UInt16) {
                (self.pair, self.ca, self.gateway) = (pair, ca, gateway)
            }
        }

        package init(
            served: String = "+4915", gateway: SocketAddress, peer: SocketAddress, second: SocketAddress,
            forked: String = "+1777", account: Account? = nil
        ) {
            self.account = account
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
            "/usr/sbin/kamailio", of: plan.secure == nil ? "kamailio" : "kamailio-tls-modules",
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
        var modules =
            (plan.secure == nil ? [] : ["tls"]) + ["tm", "sl", "rr", "pv", "maxfwd", "siputils", "textops", "corex"]
        if plan.account != nil { modules += ["auth", "usrloc", "registrar"] }
        let gateway = plan.secure.map { "127.0.0.1:\($0.gateway);transport=tls" } ?? "\(plan.gateway)"
        let secure = plan.secure.map { secure in
            """
            modparam("tls", "tls_method", "TLSv1.2+")
            modparam("tls", "certificate", "\(secure.pair.certificate)")
            modparam("tls", "private_key", "\(secure.pair.key)")
            modparam("tls", "ca_list", "\(secure.ca)")
            modparam("tls", "verify_certificate", 1)
            modparam("tls", "require_certificate", 1)
            """
        }
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
            \(plan.secure == nil ? "" : "enable_tls=yes\nlisten=tls:127.0.0.1:\(port + 1)")
            \(modules.map { "loadmodule \"\($0).so\"" }.joined(separator: "\n"))
            \(plan.account.map(parameters) ?? "")
            \(secure ?? "")

            request_route {
                if (!mf_process_maxfwd_header("70")) {
                    sl_send_reply("483", "Too Many Hops");
                    exit;
                }
                if (is_method("CANCEL")) {
                    if (t_check_trans()) { t_relay(); }
                    exit;
                }
                \(plan.account.map { challenges($0, gateway: plan.gateway) } ?? "")
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
                    \(plan.account == nil ? "$du = \"sip:\(gateway)\";" : located)
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

    private static func parameters(_ account: Plan.Account) -> String {
        """
        modparam("auth", "algorithm", "\(account.algorithm)")
        modparam("auth", "qop", "auth")
        modparam("registrar", "min_expires", 60)
        modparam("registrar", "max_expires", 300)
        modparam("usrloc", "db_mode", 0)
        """
    }

    /// Sends a request without the right credentials back, keeps those that are right to itself, and registers.
    private static func challenges(_ account: Plan.Account, gateway: SocketAddress) -> String {
        func check(_ kind: String) -> String {
            """
            if (!pv_\(kind)_authenticate("\(account.realm)", "\(account.password)", "0")
                    || $au != "\(account.username)") {
                \(kind)_challenge("\(account.realm)", "1");
                exit;
            }
            consume_credentials();
            """
        }
        return """
            if (is_method("REGISTER")) {
                \(check("www"))
                save("location");
                exit;
            }
            if ($sp == \(gateway.port) && !is_method("ACK")) {
                \(check("proxy"))
            }
            """
    }

    private static let located = """
        if (!lookup("location")) {
            sl_send_reply("404", "Not Registered");
            exit;
        }
        """
}
