import Testing

@testable import SIPBridge

@Suite("The body of a 380")
struct AlternativeServiceTests {
    private static func document(_ service: String) -> String {
        "<?xml version=\"1.0\"?>\r\n<ims-3gpp version=\"1\">\(service)</ims-3gpp>"
    }

    @Test(arguments: [
        "<alternative-service><type>emergency</type><reason>x</reason></alternative-service>",
        "<alternative-service>\r\n  <type> emergency </type>\r\n  <action/>\r\n</alternative-service>",
        "<alternative-service><reason/><type>Emergency</type></alternative-service>",
        "<ims:alternative-service><ims:type>emergency</ims:type></ims:alternative-service>",
    ])
    func asksForAnEmergencyCall(service: String) {
        #expect(AlternativeService.asksForEmergency(Self.document(service)))
    }

    @Test(arguments: [
        "",
        "<type>emergency</type>",
        "<alternative-service><type>restoration</type></alternative-service>",
        "<alternative-service><type>emergency",
        "<alternative-service><type>emergency</type>",
        "<alternative-service><type>nonemergency</type></alternative-service>",
        "<alternative-service><reason>emergency</reason></alternative-service>",
        "<alternative-service></alternative-service><type>emergency</type><alternative-service></alternative-service>",
        "<service-info><type>emergency</type></service-info>",
    ])
    func asksForNone(service: String) {
        #expect(!AlternativeService.asksForEmergency(Self.document(service)))
    }

    @Test func aLongDocumentIsNotLookedAt() {
        let service = "<alternative-service><type>emergency</type></alternative-service>"
        #expect(AlternativeService.asksForEmergency(service + String(repeating: " ", count: 16_000)))
        #expect(!AlternativeService.asksForEmergency(service + String(repeating: " ", count: 17_000)))
    }
}
