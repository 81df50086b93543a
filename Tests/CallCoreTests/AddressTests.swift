import CallCore
import Testing

@Suite struct AddressTests {
    static let number = PhoneNumber("+17085854000")

    @Test(arguments: [
        ("tel:+17085854000", true, true),
        ("tel:+12345", true, true),
        ("tel:+123456789012345", true, true),
        ("tel:+1234", false, false),
        ("tel:+1234567890123456", false, false),
        ("tel:+01234567", true, false),  // r3 wants a country code
        ("tel:17085854000", false, false),
        ("tel:+1-708-585-4000", false, false),
        ("TEL:+17085854000", false, false),
        (" tel:+17085854000", false, false),
        ("tel:+17085854000\r\nX: y", false, false),
        ("tel:+17085854000;ext=1", false, false),
        ("tel:112;phone-context=+34", false, true),
        ("tel:*21#;phone-context=ims.example", false, true),
        ("tel:1234567890123456;phone-context=+34", false, false),
        ("tel:12;phone-context=+0", false, false),
        ("tel:12;phone-context=example", false, false),
        ("tel:12;phone-context=-a.example", false, false),
        ("tel:12;phone-context=", false, false),
        ("tel:;phone-context=+34", false, false),
        ("sip:alice@example.com", true, true),
        ("sip:+17085854000@example.com", true, true),
        ("sip:a_b.c!d%41+e-f@sub.example.com", true, true),
        ("sip:alice%4@example.com", false, false),
        ("sip:alice%zz@example.com", false, false),
        ("sip:@example.com", false, false),
        ("sip:alice@", false, false),
        ("sip:alice@example", false, false),
        ("sip:alice@example.c", false, false),
        ("sip:alice@192.0.2.1", false, false),
        ("sip:alice@a..com", false, false),
        ("sip:alice@example.com;transport=tcp", false, false),
        ("sip:alice@example.com\r\nVia: x", false, false),
        ("sip:alice:secret@example.com", false, false),
        ("sips:alice@example.com", false, false),
        ("sip:112;phone-context=+34@ims.example.org;user=phone", false, true),
        ("sip:112;phone-context=+34@ims.example.org", false, false),
        ("sip:112;phone-context=+34@ims;user=phone", false, false),
        ("sip:anonymous@anonymous.invalid", true, true),
        ("urn:service:sos", false, false),
        ("", false, false),
        ("tel:", false, false),
        ("+17085854000", false, false),
    ])
    func patterns(text: String, r2: Bool, r3: Bool) {
        #expect((Address(text, pattern: .r2) != nil) == r2)
        #expect((Address(text, pattern: .r3) != nil) == r3)
    }

    @Test func longTextIsNotLookedAt() {
        let text = "sip:" + String(repeating: "a", count: 300) + "@example.com"
        #expect(Address(text) == nil)
    }

    @Test func equalNumbersAreEqualInEveryForm() throws {
        let number = Address.number(try #require(Self.number))
        #expect(Address("tel:+17085854000") == number)
        #expect(Address("sip:+17085854000@ims.example.org") == number)
        #expect(Address("sip:%2B17085854000@ims.example.org") == number)
        #expect(Address("sip:+1-708.585-4000@ims.example.org") == number)
        #expect(Address("sip:17085854000@ims.example.org") == .uri(user: "17085854000", host: "ims.example.org"))
    }

    @Test func partsAreTakenApart() {
        #expect(Address("sip:Alice@Example.COM") == .uri(user: "Alice", host: "example.com"))
        #expect(Address("sip:Anonymous@anonymous.INVALID") == .anonymous)
        #expect(Address("tel:112;phone-context=+34", pattern: .r3) == .local(digits: "112", context: "+34"))
        #expect(
            Address("sip:*21#;phone-context=IMS.example@host.example;user=phone", pattern: .r3)
                == .local(digits: "*21#", context: "ims.example"))
    }

    @Test(arguments: [
        ("+17085854000", "+17085854000"), ("+1 708", nil), ("+1-(708)-585.4000", "+17085854000"), ("17085854000", nil),
        ("+1+2345678", nil), ("-+17085854000", nil), ("+1234", nil), ("+12345", "+12345"), ("+1234567890123456", nil),
        ("", nil), ("+١٢٣٤٥٦", nil),
    ])
    func phoneNumbers(text: String, expected: String?) {
        #expect(PhoneNumber(text)?.text == expected)
    }

    @Test func maskedNumbersShowTwoDigits() throws {
        #expect(try #require(Self.number).masked == "**********00")
    }
}
