import CallCore
import Testing

@testable import SIPBridge

/// How numbers cross the edge, both ways (configuration `trunks[].numbers`; ims-headers design).
@Suite("Formats of numbers")
struct NumberFormatTests {
    static let german = NationalNumbers(globalPrefix: "+49", localPrefix: "0")
    static let plain = NationalNumbers(globalPrefix: "+", localPrefix: "")
    static let italian = NationalNumbers(globalPrefix: "+39", localPrefix: "")

    @Test(
        arguments: [
            (german, "+4930123456", "030123456"), (german, "+17085854000", nil), (plain, "+4930123456", "4930123456"),
            (italian, "+390612345678", "0612345678"),
            (.init(globalPrefix: "+", localPrefix: "00"), "+4930123456", "004930123456"),
            (.init(globalPrefix: "+1708", localPrefix: "9"), "+17085854000", "95854000"),
        ] as [(NationalNumbers, String, String?)])
    func numbersAreWrittenAsThePeerDials(plan: NationalNumbers, number: String, expected: String?) throws {
        let number = try #require(PhoneNumber(number))
        #expect(plan.text(of: number) == expected)
        // What was written is read as what it was.
        if let expected { #expect(plan.number(of: expected) == number) }
    }

    @Test(
        arguments: [
            (german, "030123456", "+4930123456"), (german, "0017085854000", "+17085854000"), (german, "30123456", nil),
            (german, "+4930123456", nil), (german, "", nil), (german, "0", nil), (german, "0x30123456", nil),
            (german, "030 123456", nil), (german, "0" + String(repeating: "1", count: 40), nil),
            (plain, "4930123456", "+4930123456"), (plain, "123", nil), (italian, "0612345678", "+390612345678"),
            (italian, "0049301234567", "+49301234567"),
        ] as [(NationalNumbers, String, String?)])
    func thePeersNumbersBecomeGlobal(plan: NationalNumbers, text: String, expected: String?) {
        #expect(plan.number(of: text)?.text == expected)
    }

    // MARK: - In an INVITE

    private func headers(
        _ trunk: Trunk, from number: String = "+4930900900", to receiver: String = "+4930123456",
        redirectUser: String? = nil
    ) throws -> InviteBuilder.Headers {
        let caller = try #require(PhoneNumber(number))
        let callee = try #require(PhoneNumber(receiver))
        var request = try CallRequest.sample(originator: .number(caller), receiver: .number(callee))
        request.identity = caller
        return InviteBuilder(domain: "gw.example").headers(
            for: request, via: trunk, redirectUser: redirectUser, tag: "f00d", session: .sample, chargingID: "c4a6")
    }

    private func trunk(_ plan: NationalNumbers?, isTrusted: Bool = true, format: Trunk.NumberFormat = .sipE164) -> Trunk
    {
        var trunk = Trunk.sample(isTrusted: isTrusted, numberFormat: format)
        trunk.national = plan
        return trunk
    }

    @Test func nationalEverywhere() throws {
        let headers = try headers(trunk(Self.german))
        #expect(headers.requestURI == "sip:030123456@ims.example")
        #expect(headers.to == "<sip:030123456@ims.example>")
        #expect(headers.from == "<sip:030900900@gw.example>;tag=f00d")
        #expect(headers.lines.contains("\nP-Asserted-Identity: <sip:030900900@gw.example>"))
    }

    @Test func numbersOutsideThePlanStayGlobal() throws {
        let headers = try headers(trunk(Self.german), from: "+17085852753", to: "+17085854000")
        #expect(headers.requestURI == "sip:+17085854000@ims.example;user=phone")
        #expect(headers.from == "<sip:+17085852753@gw.example;user=phone>;tag=f00d")
    }

    @Test func theOtherFormats() throws {
        #expect(try headers(trunk(nil)).requestURI == "sip:+4930123456@ims.example;user=phone")
        let tel = try headers(trunk(nil, format: .tel))
        #expect(tel.requestURI == "tel:+4930123456")
        #expect(tel.to == "<tel:+4930123456>")
        #expect(tel.from == "<sip:+4930900900@gw.example;user=phone>;tag=f00d")
    }

    @Test func aRedirectionIsWrittenAlike() throws {
        #expect(
            try headers(trunk(Self.german), redirectUser: "+4940555555").requestURI == "sip:040555555@ims.example")
    }

    // MARK: - Services and what is passed on

    @Test func onlyACSCFIsToldTheService() throws {
        var cscf = trunk(nil)
        cscf.headers.namesService = true
        let lines = try headers(cscf).lines
        #expect(
            lines.contains("\nAccept-Contact: *;+g.3gpp.icsi-ref=\"urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel\""))
        #expect(lines.contains("\nP-Preferred-Service: urn:urn-7:3gpp-service.ims.icsi.mmtel"))
        let usual = try headers(trunk(nil)).lines
        for name in ["Accept-Contact", "P-Preferred-Service"] { #expect(!usual.contains(name)) }
    }

    @Test func aRedirectionsHeadersAreRepeated() throws {
        let headers = InviteBuilder(domain: "gw.example").headers(
            for: try .sample(), via: .sample(), redirectUser: "bob", tag: "f00d", session: .sample, chargingID: "c4a6",
            passed: "Diversion: <tel:+4930>;reason=unconditional")
        #expect(headers.lines.hasSuffix("\nDiversion: <tel:+4930>;reason=unconditional"))
    }

    // MARK: - Session timers

    @Test(
        arguments: [
            (0, 90, nil, 0, 0), (1_800, 90, nil, 1_800, 0), (1_800, 300, nil, 1_800, 300), (0, 300, nil, 0, 300),
            (30, 10, nil, 30, 0), (0, 90, 3_600, 3_600, 3_600), (1_800, 90, 600, 1_800, 600),
            (1_800, 900, 600, 1_800, 900),
        ] as [(UInt32, UInt32, UInt32?, UInt32, UInt32)])
    func whatAnINVITEAsksFor(expires: UInt32, minimum: UInt32, least: UInt32?, asked: UInt32, minSE: UInt32) {
        let policy = SessionTimerPolicy(expires: expires, minimum: minimum)
        #expect(policy.asking(atLeast: least) == (asked, minSE))
        #expect(policy.least == min(minimum, 90))
    }
}
