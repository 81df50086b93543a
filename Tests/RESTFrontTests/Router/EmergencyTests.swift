import CallCore
import Foundation
import Testing

@testable import RESTFront

@Suite struct EmergencyTests {
    /// Whatever else is wrong with the body, and on every version: 501, and nothing goes out.
    @Test(
        arguments: Version.allCases,
        [
            #""receiverAddress":"tel:112""#,
            #""receiverAddress":"tel:911""#,
            #""receiverAddress":"tel:+34112""#,
            #""receiverAddress":"tel:112;phone-context=+34""#,
            #""receiverAddress":"sip:112@example.com""#,
            #""receiverAddress":"urn:service:sos""#,
            #""receiverAddress":"URN:SERVICE:SOS.Police""#,
            #""receiverAddress":"tel:110","callType":"REGULAR""#,
            #""receiverAddress":"tel:112","callType":5"#,
            #""receiverAddress":"tel:112","offer":5,"colour":"blue""#,
            #""receiverAddress":"tel:112","locationDetails":{"shape":"Square"}"#,
            #""receiverAddress":"tel:112","locationDetails":{"shape":"Circle","coordinates":{"latitude":91,"longitude":0,"radius":1}}"#,
            #""receiverAddress":"tel:112","originatorAddress":"nonsense""#,
            #""callType":"EMERGENCY""#,
            #""callType":"emergency""#,
            #""callType":"EMERGENCY","receiverAddress":"tel:+17085854000""#,
            #""callType":"EMERGENCY","receiverAddress":5"#,
        ])
    func emergencies(version: Version, members: String) throws {
        let harness = try RouterHarness()
        let response = harness.respond(.post, version.path, "{\(members)}")
        #expect(response.status == 501)
        #expect(response.code == "CALLTYPE_EMERGENCY_NOT_SUPPORTED")
        #expect(response.message == "Server does not support call type EMERGENCY.")
        #expect(harness.calls.created.isEmpty)
    }

    @Test func ordinaryCallsAreNone() throws {
        let harness = try RouterHarness()
        for receiver in [
            "tel:+17085854000", "tel:+341123456", "sip:alice112@example.com", "sip:112.office@example.com",
        ] {
            let body = "{\(Sample.originator),\"receiverAddress\":\"\(receiver)\",\(Sample.offer)}"
            #expect(harness.respond(.post, Version.v04.path, body).status == 201)
        }
    }

    @Test(arguments: [
        (#"{"shape":"Circle","coordinates":{"latitude":47.6,"longitude":-122.3,"radius":35}}"#, nil as String?),
        (#"{"shape":"Circle","coordinates":{"latitude":-90,"longitude":180,"radius":0}}"#, nil),
        (
            #"{"shape":"Ellipsoid","coordinates":{"latitude":1,"longitude":1,"zAxis":-5,"semiMajorAxis":1,"semiMinorAxis":1,"verticalAxis":1,"orientation":10}}"#,
            nil
        ),
        (#"{"method":"GPS","confidence":{"pdf":"normal","value":92},"timestamp":"2025-10-06T19:31:25Z"}"#, nil),
        (#"{"timestamp":"2025-10-06T19:31:25.123+02:00"}"#, nil),
        (#"{}"#, nil),
        (#"{"shape":"Circle","coordinates":{"latitude":90.1,"longitude":0,"radius":1}}"#, "OUT_OF_RANGE"),
        (#"{"shape":"Circle","coordinates":{"latitude":0,"longitude":-180.5,"radius":1}}"#, "OUT_OF_RANGE"),
        (#"{"shape":"Circle","coordinates":{"latitude":0,"longitude":0,"radius":-1}}"#, "OUT_OF_RANGE"),
        (#"{"confidence":{"value":101}}"#, "OUT_OF_RANGE"),
        (#"{"shape":"Square","coordinates":{"latitude":0,"longitude":0,"radius":1}}"#, "INVALID_ARGUMENT"),
        (#"{"shape":"Circle"}"#, "INVALID_ARGUMENT"),
        (#"{"coordinates":{"latitude":0,"longitude":0,"radius":1}}"#, "INVALID_ARGUMENT"),
        (#"{"shape":"Ellipsoid","coordinates":{"latitude":0,"longitude":0,"radius":1}}"#, "INVALID_ARGUMENT"),
        (#"{"shape":"Circle","coordinates":{"latitude":0,"longitude":0}}"#, "INVALID_ARGUMENT"),
        (#"{"shape":"Circle","coordinates":{"latitude":0,"longitude":0,"radius":1,"zAxis":1}}"#, "INVALID_ARGUMENT"),
        (#"{"shape":"Circle","coordinates":{"latitude":"0","longitude":0,"radius":1}}"#, "INVALID_ARGUMENT"),
        (#"{"shape":5}"#, "INVALID_ARGUMENT"),
        (#"{"coordinates":5}"#, "INVALID_ARGUMENT"),
        (#"{"method":"Magic"}"#, "INVALID_ARGUMENT"),
        (#"{"confidence":{"pdf":"other"}}"#, "INVALID_ARGUMENT"),
        (#"{"confidence":5}"#, "INVALID_ARGUMENT"),
        (#"{"timestamp":"yesterday"}"#, "INVALID_ARGUMENT"),
        (#"{"timestamp":"2025-13-06T19:31:25Z"}"#, "INVALID_ARGUMENT"),
        (#"{"timestamp":"2025-10-06T19:31:25"}"#, "INVALID_ARGUMENT"),
        (#"{"timestamp":5}"#, "INVALID_ARGUMENT"),
    ])
    func locationsOfRegularCalls(location: String, code: String?) throws {
        let harness = try RouterHarness()
        let body = CreateTests.body(replacing: #""locationDetails":\#(location)"#)
        for version in [Version.seed, .v04] {
            let response = harness.respond(.post, version.path, body)
            #expect(response.status == (code == nil ? 201 : 400), "\(response.message)")
            #expect(response.code == code)
            if code != nil { #expect(response.message.contains("locationDetails")) }
        }
        // v0.3 has no such property.
        #expect(harness.respond(.post, Version.v03.path, body).status == 201)
        // In a PUT as well.
        harness.calls.add(Sample.session("A"))
        let put = harness.respond(
            .put, Version.v04.path + "/A/status", #"{"status":"Connected","locationDetails":\#(location)}"#)
        #expect(put.status == (code == nil ? 200 : 400))
    }
}
