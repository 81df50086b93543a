import CSofiaSIP
import CallCore
import Foundation

/// Credentials on requests, and the answers to 401 and 407 (RFC 3261 §22).
extension SIPAgent {
    /// Sends a request inside a dialog; nil where there is no dialog, or it cannot be sent.
    func send(_ request: DialogRequest, _ id: TransactionID, of call: any NegotiatingCall) -> OpaquePointer? {
        guard let leg = call.leg(of: id.dialogID) else { return nil }
        let hop = nextHop(of: id.dialogID, in: call)
        let session = call[sessionOf: id.dialogID]
        if id.kind == .reinvite { call.midCall.session = session }
        guard let account = account(at: call.trunk(of: id.dialogID), of: call) else {
            return request.send(on: leg, id.rawValue, hop: hop, in: session)
        }
        var request = request
        let authentication = call[authenticationOf: id.dialogID] ?? CallAuthentication(account)
        call[authenticationOf: id.dialogID] = authentication
        request.authentication = authentication
        request.credentials = authentication.nonces.lines(
            method: request.method.name, uri: SIPAgent.target(of: leg), body: request.body, in: &request.exchange)
        guard let client = request.send(on: leg, id.rawValue, hop: hop, in: session) else { return nil }
        call.challengeable[client] = request
        return client
    }

    /// The header lines that an INVITE outside any dialog is sent with; nil where no realm has asked yet.
    func credentials(
        forInvite attempt: Int, repeated isRepeat: Bool, to uri: String, body: String, in call: ActiveCall
    ) -> String? {
        guard let account = account(at: call.attempts[attempt].trunk, of: call) else { return nil }
        let earlier = isRepeat ? call.attempts[attempt - 1].authentication : nil
        let authentication = earlier ?? CallAuthentication(account)
        authentication.credentials = authentication.nonces.lines(
            method: "INVITE", uri: uri, body: body, in: &authentication.exchange)
        call.attempts[attempt].authentication = authentication
        return authentication.credentials
    }

    /// The Request-URI of requests in a dialog.
    static func target(of leg: OpaquePointer) -> String {
        guard let text = csip_leg_target(leg) else { return "" }
        defer { free(text) }
        return String(String(cString: text).dropFirst().dropLast())
    }

    /// ACK to a 2xx, with the credentials of the INVITE that it belongs to (RFC 3261 §22.1).
    func acknowledge(
        _ leg: OpaquePointer, _ cseq: UInt32, _ credentials: String?, in dialog: OutboundCall.DialogID,
        of call: any NegotiatingCall
    ) {
        call[sessionOf: dialog].withLines(credentials) { lines in
            _ = csip_leg_ack(leg, nextHop(of: dialog, in: call), cseq, lines)
        }
    }

    /// Takes what a response to a call's request says about authentication; whether it is a challenge that is to be answered.
    func takesChallenge(
        of raw: csip_response, to account: Account, in exchange: inout DigestExchange, _ nonces: inout DigestSessions
    ) -> Bool {
        takesChallenge(of: raw, by: authentications[account], at: account.trunk, in: &exchange, &nonces)
    }

    /// The same of a REGISTER too.
    func takesChallenge(
        of raw: csip_response, by authentication: TrunkAuthentication?, at trunk: Int,
        in exchange: inout DigestExchange, _ nonces: inout DigestSessions
    ) -> Bool {
        guard let authentication, !raw.is_internal else { return false }
        if let info = raw.authentication_info { nonces.renew(String(cString: info), isProxy: false, in: exchange) }
        if let info = raw.proxy_authentication_info {
            nonces.renew(String(cString: info), isProxy: true, in: exchange)
        }
        guard raw.status == 401 || raw.status == 407 else { return false }
        let fields = withUnsafeBytes(of: raw.challenges) { Array($0.bindMemory(to: csip_challenge.self)) }
        let challenges = fields.prefix(raw.challenge_count).flatMap {
            DigestChallenge.all(in: String(cString: $0.text), isProxy: $0.is_proxy)
        }
        if let alarm = authentication.alarm(ofForeign: challenges) {
            tell(.foreignChallenge(trunk: options.trunks[trunk].name), alarm)
        }
        return authentication.takes(
            challenges, in: &exchange, &nonces, cnonce: { RandomText.hex(digits: 32, using: &random) })
    }

    /// Answers a challenge to a request inside a dialog by sending the request again; false where it is not to be answered,
    /// so that the response is the final one.
    func answersChallenge(
        _ raw: csip_response, to client: OpaquePointer, _ id: TransactionID, in call: any NegotiatingCall
    ) -> Bool {
        guard var request = call.challengeable[client], let authentication = request.authentication else {
            return false
        }
        let account = authentication.account
        let isAnswerable = takesChallenge(of: raw, to: account, in: &request.exchange, &authentication.nonces)
        guard raw.status == 401 || raw.status == 407, !raw.is_internal, !request.isGivenUp else { return false }
        guard isAnswerable else {
            let outcome = FinalResponse.sip(status: Int(raw.status), q850: nil).outcome(hasRung: false)
            tellFailure(outcome.error.message, of: account.trunk)
            return false
        }
        guard call.replace(client, of: id.rawValue, by: { send(request, id, of: call) }) else { return false }
        call.challengeable[client] = nil
        csip_client_destroy(client)
        return true
    }
}
