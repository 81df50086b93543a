import Foundation
import Testing

@testable import RESTFront

/// The short way to a call's body against the decoder it stands in for.
@Suite("Plain bodies")
struct PlainObjectTests {
    private static let call =
        #"{"originatorAddress":"tel:+17085852753","receiverName":"B\"o\\b\/","#
        + #""offer":{"sdp":"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nm=audio 9 RTP/AVP 0\r\n"}}"#

    private func plain(_ json: Data) -> SessionBody? {
        PlainObject(json).flatMap { SessionBody($0) }
    }

    private func decoded(_ json: Data) -> SessionBody? {
        try? JSONDecoder().decode(SessionBody.self, from: json)
    }

    /// Whether the two ways agree; where the short one leaves the body to the decoder they do.
    private func agree(_ json: Data) -> Bool {
        guard let short = plain(json) else { return true }
        guard let long = decoded(json) else { return false }
        return "\(short)" == "\(long)"
    }

    @Test(arguments: [
        call, "{}", " {\t\"status\" :\r\n\"Connected\" , \"answer\":{ } } ",
        #"{"offer":{"sdp":"é\t€","kind":"x","a":""}}"#,
        #"{"originatorName":"é","mediaSessionId":"1","callType":"REGULAR","clientCorrelator":"c","reason":""}"#,
    ])
    func whatCallsSayIsReadPlainly(json: String) throws {
        let short = try #require(plain(Data(json.utf8)))
        let long = try #require(decoded(Data(json.utf8)))
        #expect("\(short)" == "\(long)")
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{}{}", #"{"status":}"#, #"{"status":"a",}"#, #"{"status":"a" "reason":"b"}"#, #"{"a"}"#,
        #"{"status":"a","status":"b"}"#, #"{"offer":{"sdp":"a","sdp":"b"}}"#, #"{"status":"\u0041"}"#,
        #"{"status":"\x"}"#, #"{"status":"\"#, #"{"status":"a"#, "{\"status\":\"\u{1}\"}", #"{"status":5}"#,
        #"{"status":{}}"#, #"{"offer":"v=0"}"#, #"{"offer":{"sdp":{}}}"#, #"{"offer":{"sdp":null}}"#,
        #"{"colour":"blue"}"#, #"{"sequenceNumber":"1"}"#, #"{"locationDetails":{}}"#, "\u{feff}{}",
    ])
    func everythingElseIsLeftToTheDecoder(json: String) {
        #expect(plain(Data(json.utf8)) == nil)
    }

    @Test(arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]])
    func whatIsNoUTF8IsLeftToTheDecoder(bytes: [UInt8]) {
        for escape in ["", "\\n"] {
            #expect(plain(Data("{\"status\":\"\(escape)".utf8) + bytes + Data("\"}".utf8)) == nil)
        }
    }

    @Test func namesAreBounded() {
        func object(_ count: Int) -> PlainObject? {
            PlainObject(Data("{\((1...count).map { "\"a\($0)\":\"\"" }.joined(separator: ","))}".utf8))
        }
        #expect(object(32)?.members.count == 32)
        #expect(object(33) == nil)
    }

    /// Every byte of a body replaced by every byte that means something to JSON, left out, and doubled.
    @Test func noDamageMakesThemDisagree() {
        let whole = Array(Self.call.utf8)
        let marks = Array("{}[]\",:\\/nu0 \n\u{0}x".utf8) + [0x80, 0xC3, 0xFF]
        for index in whole.indices {
            var shorter = whole
            shorter.remove(at: index)
            #expect(agree(Data(shorter)), "without byte \(index)")
            var longer = whole
            longer.insert(whole[index], at: index)
            #expect(agree(Data(longer)), "byte \(index) twice")
            for mark in marks {
                var damaged = whole
                damaged[index] = mark
                #expect(agree(Data(damaged)), "byte \(index) as \(mark)")
            }
        }
    }
}
