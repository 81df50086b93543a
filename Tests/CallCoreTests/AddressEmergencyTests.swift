import CallCore
import Testing

@Suite struct EmergencyNumbersTests {
    let numbers: EmergencyNumbers

    init() throws {
        numbers = try EmergencyNumbers(["112": "sos", "911": "sos", "110": "sos.police"])
    }

    @Test(arguments: [
        ("urn:service:sos", "sos"),
        ("URN:Service:SOS", "sos"),
        ("urn:service:sos.ambulance", "sos.ambulance"),
        ("urn:service:sos.animal-control", "sos.animal-control"),
        ("urn:service:sos.", "sos"),
        ("urn:service:sos..x", "sos"),
        ("urn:service:sos;x=y", "sos"),
        ("urn%3Aservice%3Asos", "sos"),
        ("tel:112", "sos"),
        ("tel:911", "sos"),
        ("tel:110", "sos.police"),
        ("TEL:112", "sos"),
        (" tel: 1 1 2 \t", "sos"),
        ("tel:1-1-2", "sos"),
        ("tel:(112)", "sos"),
        ("tel:%31%31%32", "sos"),
        ("tel:+34112", "sos"),
        ("tel:+1911", "sos"),
        ("tel:+1-911", "sos"),
        ("tel:+49110", "sos.police"),
        ("tel:+352112", "sos"),
        ("tel:+112", "sos"),
        ("tel:+911", "sos"),
        ("tel:112;phone-context=+34", "sos"),
        ("tel:112;phone-context=ims.example.org", "sos"),
        ("tel:112;PHONE-CONTEXT=+34", "sos"),
        ("tel:+34112;ext=5", "sos"),
        ("sip:112@domain", "sos"),
        ("sip:112@192.0.2.1", "sos"),
        ("sips:112@domain", "sos"),
        ("sip:112", "sos"),
        ("sip:112:pw@domain", "sos"),
        ("sip:+34112@ims.example.org;user=phone", "sos"),
        ("sip:112;phone-context=+34@ims.example.org;user=phone", "sos"),
        ("112", "sos"),
        ("+34112", "sos"),
    ])
    func recognised(receiver: String, service: String) {
        #expect(numbers.service(for: receiver) == service)
    }

    @Test(arguments: [
        "tel:+17085854000", "tel:+34112345678", "tel:+341123", "tel:+3411", "tel:1120", "tel:0112", "tel:11", "tel:",
        "tel:+", "tel:+34", "tel:+351 112 5", "sip:alice@112", "sip:alice112@example.com", "sip:112alice@example.com",
        "urn:service:counseling", "urn:service:sosa", "urn:service:", "urn:service", "tel:+99112112", "tel:#112",
        "tel:*112", "tel:113", "", "+", "tel:+0112", "tel:+2112112", "sip:alice@example.com;112",
    ])
    func ordinary(receiver: String) {
        #expect(numbers.service(for: receiver) == nil)
    }

    @Test func longTextIsOrdinary() {
        #expect(numbers.service(for: "tel:112" + String(repeating: " ", count: 5000)) == nil)
    }

    @Test func withoutTableOnlyServicesAreRecognised() {
        #expect(EmergencyNumbers.none.service(for: "tel:112") == nil)
        #expect(EmergencyNumbers.none.service(for: "urn:service:sos.fire") == "sos.fire")
    }

    @Test(arguments: [
        ("", "sos"), ("1", "sos"), ("+112", "sos"), ("1-12", "sos"), ("1234567890123456", "sos"), ("112", "fire"),
        ("112", "SOS"), ("112", "sos."), ("112", "sos x"), ("112", ""), ("112", "sosfire"),
    ])
    func invalidEntriesAreRefused(number: String, service: String) {
        #expect(throws: EmergencyNumbers.InvalidEntry.self) { try EmergencyNumbers([number: service]) }
    }
}
