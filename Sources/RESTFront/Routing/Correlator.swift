/// CAMARA's `x-correlator`: ties a request, its log lines and its call record together.
struct Correlator {
    static let header = "x-correlator"
    static let fieldName: StaticString = "x-correlator"
    static let maximumLength = 256

    /// What the response carries.
    let text: String
    /// The request had one that does not match CAMARA's pattern; it is not echoed.
    let isRefused: Bool

    /// Takes the request's value, or a new one where there is none, or none that may be echoed.
    init(requested: String?, orElse make: () -> String) {
        if let requested, !requested.isEmpty {
            if Correlator.isValid(requested) {
                text = requested
                isRefused = false
                return
            }
            isRefused = true
        } else {
            isRefused = false
        }
        text = make()
    }

    /// `^[a-zA-Z0-9-_:;.\/<>{}]{0,256}$`
    private static func isValid(_ text: String) -> Bool {
        text.utf8.count <= maximumLength
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"),
                    UInt8(ascii: ";"), UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "<"), UInt8(ascii: ">"),
                    UInt8(ascii: "{"), UInt8(ascii: "}"):
                    true
                default: false
                }
            }
    }
}
