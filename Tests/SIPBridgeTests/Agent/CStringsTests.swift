import Testing

@testable import SIPBridge

@Suite struct CStringsTests {
    @Test func eachStringIsWhole() {
        let long = String(repeating: "sip:+34600000001@operator.example;", count: 100)
        let read = withCStrings(["a", "", "número", long]) { strings in
            (0..<4).map { String(cString: strings[$0]) }
        }
        #expect(read == ["a", "", "número", long])
    }

    @Test func aMissingOneIsNull() {
        withCStrings(["to"], [nil, "", nil, "route"]) { strings, optional in
            #expect(String(cString: strings[0]) == "to")
            #expect(optional[0] == nil)
            #expect(optional[1].map { String(cString: $0) } == "")
            #expect(optional[2] == nil)
            #expect(optional[3].map { String(cString: $0) } == "route")
        }
    }
}
