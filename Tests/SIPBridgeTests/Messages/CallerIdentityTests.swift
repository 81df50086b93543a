import CSofiaSIP
import Testing

@testable import SIPBridge

/// Who a caller is told to be (RFC 3325 §5, RFC 3323; ims-headers design).
@Suite("The caller's identity")
struct CallerIdentityTests {
    /// A name-addr taken apart.
    struct Party: Sendable {
        var display: String?
        var scheme: String? = "sip"
        var user: String?
        var host: String? = "ims.example"
    }

    private func identity(
        from: Party?, asserted: [Party] = [], isWithheld: Bool = false, isTrusted: Bool = true,
        national: NationalNumbers? = nil
    ) -> CallerIdentity {
        var caller = csip_caller()
        caller.is_withheld = isWithheld
        var kept: [UnsafeMutablePointer<CChar>] = []
        defer { for text in kept { text.deallocate() } }
        func keep(_ text: String?) -> UnsafePointer<CChar>? {
            guard let text else { return nil }
            let copy = UnsafeMutablePointer<CChar>.allocate(capacity: text.utf8.count + 1)
            for (index, byte) in text.utf8CString.enumerated() { copy[index] = byte }
            kept.append(copy)
            return UnsafePointer(copy)
        }
        func raw(_ party: Party) -> csip_identity {
            csip_identity(
                display: keep(party.display), scheme: keep(party.scheme), user: keep(party.user),
                host: keep(party.host))
        }
        if let from { caller.from = raw(from) }
        if let first = asserted.first { caller.asserted.0 = raw(first) }
        if asserted.count > 1 { caller.asserted.1 = raw(asserted[1]) }
        caller.asserted_count = asserted.count
        return CallerIdentity(caller, isTrusted: isTrusted, domain: "ims.example", national: national)
    }

    private let alice = Party(display: "\"Alice\"", user: "+17085852753")
    private let tel = Party(scheme: "tel", user: "+17085850001", host: nil)

    @Test func whatTheNetworkAssertsCountsBeforeFrom() {
        #expect(identity(from: alice, asserted: [tel]) == CallerIdentity(address: "tel:+17085850001"))
        #expect(identity(from: alice) == CallerIdentity(address: "tel:+17085852753", name: "Alice"))
    }

    @Test func onlyATrustedNetworkAsserts() {
        #expect(
            identity(from: alice, asserted: [tel], isTrusted: false)
                == CallerIdentity(address: "tel:+17085852753", name: "Alice"))
    }

    @Test func aNumberCountsBeforeAnotherIdentity() {
        let person = Party(user: "alice")
        #expect(identity(from: nil, asserted: [person, tel]).address == "tel:+17085850001")
        #expect(identity(from: nil, asserted: [tel, person]).address == "tel:+17085850001")
        #expect(identity(from: nil, asserted: [person]).address == "sip:alice@ims.example")
    }

    @Test func theNameOfFromBelongsToItsAddressAlone() {
        #expect(identity(from: alice, asserted: [Party(user: "+17085852753")]).name == "Alice")
        #expect(identity(from: alice, asserted: [Party(user: "+17085850001")]).name == nil)
    }

    @Test func whoWithholdsItIsAnonymous() {
        #expect(identity(from: alice, asserted: [tel], isWithheld: true) == .anonymous)
        let anonymous = Party(display: "\"Anonymous\"", user: "anonymous", host: "anonymous.invalid")
        #expect(identity(from: anonymous) == .anonymous)
        // Nothing keeps the network's own word back.
        #expect(identity(from: anonymous, asserted: [tel]).address == "tel:+17085850001")
    }

    @Test(arguments: [
        (Party(user: "+17085852753", host: "10.0.0.1"), "tel:+17085852753"),
        (Party(user: "+1-708-585-2753;npdi"), "tel:+17085852753"),
        (Party(user: "%2B17085852753"), "tel:+17085852753"),
        (Party(scheme: "SIPS", user: "+17085852753"), "tel:+17085852753"),
        (Party(user: "1001", host: "10.0.0.1"), "sip:1001@ims.example"),
        (Party(user: "1001", host: "[2001:db8::1]"), "sip:1001@ims.example"),
        (Party(user: "0301;phone-context=+49"), "sip:0301@ims.example"),
        (Party(user: "alice", host: "HOME.example"), "sip:alice@home.example"),
        (Party(user: "a<b>\"@x"), "sip:anonymous@anonymous.invalid"), (Party(), "sip:anonymous@anonymous.invalid"),
        (Party(scheme: "tel", user: "112", host: nil), "sip:anonymous@anonymous.invalid"),
        (Party(scheme: "urn", user: "+17085852753"), "sip:anonymous@anonymous.invalid"),
        (Party(scheme: nil, user: "+17085852753"), "sip:anonymous@anonymous.invalid"),
    ])
    func addresses(party: Party, expected: String) {
        #expect(identity(from: party).address == expected)
    }

    @Test func aNationalNumberIsToldAsAGlobalOne() {
        let national = NumberFormatTests.german
        #expect(identity(from: Party(user: "030123456"), national: national).address == "tel:+4930123456")
        #expect(
            identity(from: Party(user: "alice"), asserted: [Party(user: "030123456")], national: national).address
                == "tel:+4930123456")
        #expect(identity(from: Party(user: "030123456")).address == "sip:030123456@ims.example")
        #expect(CallerIdentity.number(in: "030123456;x=y", national)?.text == "+4930123456")
        #expect(CallerIdentity.number(in: "030123456") == nil)
    }

    @Test(arguments: [
        ("Alice", "Alice"), ("\"Alice\"", "Alice"), ("\"A \\\"B\\\" \\\\\"", "A \"B\" \\"), ("  Al ice ", "Al ice"),
        ("\"\"", nil), ("", nil), ("\"a\r\nX: y\"", "aX: y"), ("\"\u{202E}evil\u{0}\"", "evil"), ("\"Zoë 山\"", "Zoë 山"),
        (String(repeating: "a", count: 1_000), String(repeating: "a", count: 64)),
    ])
    func names(display: String, expected: String?) {
        #expect(CallerIdentity.name(in: display) == expected)
    }
}

@Suite("Headers of responses to the network")
struct InboundHeadersTests {
    @Test func theChargingIDIsFoundInOurOwnLine() {
        #expect(
            InboundHeaders.chargingID(in: "P-Charging-Vector: icid-value=12ab;orig-ioi=x;term-ioi=y") == "12ab")
        #expect(InboundHeaders.chargingID(in: "P-Charging-Vector: icid-value=12ab;term-ioi=y") == "12ab")
    }

    @Test(arguments: [
        ("icid-value=1234bc9876e;orig-ioi=home1.net", "icid-value=1234bc9876e;orig-ioi=home1.net"),
        ("icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=023551024\"", nil),
        ("icid-value=\"Ayrety\"; orig-ioi = \"home1.net\" ;term-ioi=x", "icid-value=Ayrety;orig-ioi=home1.net"),
        ("icid-value=a;icid-generated-at=192.0.2.1;orig-ioi=\"a,b\"", "icid-value=a"), ("orig-ioi=home1.net", nil),
        ("icid-value=", nil), ("", nil), ("icid-value=" + String(repeating: "a", count: 129), nil),
    ])
    func chargingVectors(value: String, expected: String?) {
        #expect(InboundHeaders.chargingVector(value) == expected)
    }
}
