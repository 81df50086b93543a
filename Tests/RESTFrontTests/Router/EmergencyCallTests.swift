import CallCore
import Foundation
import TestPeer
import Testing

@testable import RESTFront

/// POST and PUT of emergency calls where there are trunks for them (emergency design 1 to 8).
@Suite struct EmergencyCallTests {
    private static let location =
        #""locationDetails":{"shape":"Circle","coordinates":{"latitude":47.6,"longitude":-122.3,"radius":35},"method":"GPS","confidence":{"pdf":"uniform","value":92},"timestamp":"2025-10-06T19:31:25+02:00"}"#

    private func created(
        _ members: String, version: Version = .v04, authenticator: any Authenticator = InsecureAuthenticator()
    ) throws -> CallRequest {
        let harness = try RouterHarness(authenticator: authenticator, takesEmergencyCalls: true)
        let response = harness.respond(.post, version.path, "{\(members)}", fields: [(.authorization, "Bearer x")])
        #expect(response.status == 201, "\(response.message)")
        return try #require(harness.calls.created.first)
    }

    /// Whatever else is wrong, and on every version.
    @Test(
        arguments: Version.allCases,
        [
            (#""receiverAddress":"tel:112""#, "sos"), (#""receiverAddress":"tel:+34112""#, "sos"),
            (#""receiverAddress":"URN:SERVICE:SOS.Police""#, "sos.police"),
            (#""receiverAddress":"tel:110","callType":"REGULAR""#, "sos.police"),
            (#""receiverAddress":"tel:112","callType":5,"answer":{"sdp":5},"status":7,"colour":"blue""#, "sos"),
            (#""receiverAddress":"tel:112","originatorAddress":"nonsense","originatorName":"a\nb""#, "sos"),
            (#""callType":"EMERGENCY""#, "sos"), (#""callType":"EMERGENCY","receiverAddress":5"#, "sos"),
            (#""callType":"EMERGENCY","receiverAddress":"tel:+17085854000""#, "sos"),
        ])
    func areMade(version: Version, row: (members: String, service: String)) throws {
        let call = try created(row.members, version: version)
        #expect(call.details?.service == row.service)
        #expect(call.callType == .emergency)
        #expect(call.originatorName == nil)
        let isKnown = !row.members.contains("EMERGENCY")
        #expect(call.details?.notes.contains { $0.contains("the call type counts") } == !isKnown)
    }

    @Test func aLocationIsTaken() throws {
        let call = try created(#""receiverAddress":"tel:112",\#(Self.location)"#)
        #expect(
            call.details?.location
                == Location(
                    latitude: 47.6, longitude: -122.3, area: .circle(radius: 35), method: .gps,
                    confidence: .init(percent: 92, form: .uniform), time: Date(timeIntervalSince1970: 1_759_771_885)))
        let old = try created(#""receiverAddress":"tel:112",\#(Self.location)"#, version: .v03)
        #expect(old.details?.location != nil, "v0.3 has no such property, and somebody is in danger")
    }

    @Test(arguments: [
        #"{"shape":"Circle","coordinates":{"latitude":91,"longitude":0,"radius":1}}"#, "5", "null",
        #"{"shape":"Square"}"#, #"{"timestamp":"yesterday"}"#,
        #"{"shape":"Circle","coordinates":{"latitude":1e999,"longitude":0,"radius":1}}"#,
        #"{"shape":"Circle","coordinates":{"latitude":1,"longitude":0,"radius":1},"timestamp":"2025-02-30T00:00:00Z"}"#,
    ])
    func aBadLocationIsLeftOut(location: String) throws {
        let call = try created(#""receiverAddress":"tel:112","locationDetails":\#(location)"#)
        #expect(call.details?.location == nil)
        #expect(call.details?.notes.contains { $0.hasPrefix("the location was left out") } == true)
    }

    @Test func onlyAnSDPThatIsNoneIsRefused() throws {
        let harness = try RouterHarness(takesEmergencyCalls: true)
        for offer in [#"{"sdp":"hello"}"#, "5", "{}"] {
            let response = harness.respond(.post, Version.v04.path, #"{"receiverAddress":"tel:112","offer":\#(offer)}"#)
            #expect(response.status == 400)
            #expect(response.message.contains("offer"))
        }
        #expect(harness.calls.created.isEmpty)
    }

    // MARK: - Who calls

    private struct Known: Authenticator {
        var number: PhoneNumber?

        func authenticate(_ authorization: String?) throws(CAMARAError) -> Caller? {
            Caller(client: "app", identity: .verified(number), grant: .everything)
        }
    }

    @Test(
        arguments: [
            ("tel:+17085852753", "+17085852753", "tel:+17085852753", 0),
            ("tel:+4930123456", "+17085852753", "tel:+17085852753", 1),
            ("nonsense", "+17085852753", "tel:+17085852753", 1),
            ("sip:anonymous@anonymous.invalid", "+17085852753", "sip:anonymous@anonymous.invalid", 0),
            ("tel:+4930123456", nil, "sip:anonymous@anonymous.invalid", 1),
        ] as [(String, String?, String, Int)])
    func theVerifiedNumberCounts(originator: String, verified: String?, shown: String, notes: Int) throws {
        let number = verified.flatMap { PhoneNumber($0) }
        let call = try created(
            #""receiverAddress":"tel:112","originatorAddress":"\#(originator)""#,
            authenticator: Known(number: number))
        #expect(call.identity == number)
        #expect(call.originatorAddress == shown)
        #expect(call.originator == (Address(shown) ?? .anonymous))
        #expect(call.details?.notes.count == notes)
    }

    // MARK: - Limits

    @Test func noLimitHoldsOneBack() throws {
        let harness = try RouterHarness(
            limits: ClientLimits(requestsPerSecond: 1, burst: 1, sessions: 0), takesEmergencyCalls: true)
        for _ in 0..<10 {
            #expect(harness.respond(.post, Version.v04.path, #"{"receiverAddress":"tel:112"}"#).status == 201)
        }
        #expect(harness.respond(.get, Version.v04.path + "/unknown").status == 429)
        // What its caller does in it is not held back either; what somebody does in another call is.
        harness.calls.add(Sample.session("E", callType: .emergency))
        harness.calls.add(Sample.session("R"))
        #expect(harness.respond(.put, Version.v04.path + "/E/status", #"{"status":"Connected"}"#).status == 200)
        #expect(harness.respond(.put, Version.v04.path + "/R/status", #"{"status":"Connected"}"#).status == 429)
    }

    // MARK: - PUT

    @Test func aCallerWhoMovesIsTaken() throws {
        let harness = try RouterHarness(takesEmergencyCalls: true)
        harness.calls.add(Sample.session("E", callType: .emergency))
        for version in Version.allCases {
            let body = #"{"status":"Connected",\#(Self.location)}"#
            #expect(harness.respond(.put, version.path + "/E/status", body).status == 200)
            #expect(harness.calls.updated.last?.location?.latitude == 47.6)
            let bad = #"{"status":"Connected","locationDetails":{"shape":"Square"}}"#
            #expect(harness.respond(.put, version.path + "/E/status", bad).status == 200)
            #expect(harness.calls.updated.last?.location == nil)
        }
        let alone = harness.respond(.put, Version.seed.path + "/E/status", "{\(Self.location)}")
        #expect(alone.status == 200)
    }

    /// A regular call's location goes no further than there are trunks for it.
    @Test(arguments: [true, false]) func regularCalls(takesLocations: Bool) throws {
        let harness = try RouterHarness(takesLocations: takesLocations)
        #expect(harness.respond(.post, Version.v04.path, CreateTests.body(replacing: Self.location)).status == 201)
        #expect((harness.calls.created.last?.details?.location != nil) == takesLocations)
        #expect(harness.calls.created.last?.details?.service == nil)
        harness.calls.add(Sample.session("R"))
        let put = harness.respond(
            .put, Version.v04.path + "/R/status", #"{"status":"Connected",\#(Self.location)}"#)
        #expect(put.status == 200)
        #expect((harness.calls.updated.last?.location != nil) == takesLocations)
    }
}
