import CallCore
import Foundation
import Testing

@testable import RESTFront

@Suite struct OrdinaryBodyTests {
    private static func isCertain(_ body: String) throws -> Bool {
        let numbers = try EmergencyNumbers(["112": "sos", "110": "sos.police"])
        return Array(body.utf8).withUnsafeBufferPointer { OrdinaryBody.isCertain($0, by: numbers) }
    }

    @Test(arguments: [
        Sample.create,
        #"{ "receiverAddress" :  "tel:+17085854000" }"#,
        #"{"offer":{"sdp":"v=0\r\n"},"receiverAddress":"sip:someone@example.com"}"#,
    ])
    func ordinary(_ body: String) throws {
        #expect(try OrdinaryBodyTests.isCertain(body))
    }

    @Test(
        "Whatever may be an emergency call is looked at properly",
        arguments: [
            #"{"receiverAddress":"tel:112"}"#,
            #"{"receiverAddress":"urn:service:sos"}"#,
            #"{"receiverAddress":"sip:1%312@example.com"}"#,
            #"{"receiverAddress":"tel:\u0031\u0031\u0032"}"#,
            #"{"receiverAddress":"tel:1\/12"}"#,
            #"{"receiver\u0041ddress":"tel:112","receiverAddress":"tel:+17085854000"}"#,
            #"{"receiverAddress":"tel:+17085854000","receiverAddress":"tel:112"}"#,
            #"{"originatorName":"a\"receiverAddress","receiverAddress":"tel:112"}"#,
            #"{"receiverAddress":"tel:+17085854000","callType":"EMERGENCY"}"#,
            #"{"receiverAddress":"tel:+17085854000","callType":"REGULAR"}"#,
            #"{"receiverAddress":5}"#, #"{"receiverAddress":"tel:+17085854000"#, #"{"receiverAddress"#, "{}", "",
        ])
    func uncertain(_ body: String) throws {
        #expect(try !OrdinaryBodyTests.isCertain(body))
    }

    @Test("In UTF-16 nothing is certain, though the decoder reads it")
    func otherEncodings() throws {
        let body = try #require(#"{"receiverAddress":"tel:112"}"#.data(using: .utf16LittleEndian))
        let numbers = try EmergencyNumbers(["112": "sos"])
        #expect(!Array(body).withUnsafeBufferPointer { OrdinaryBody.isCertain($0, by: numbers) })
    }
}
