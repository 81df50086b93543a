/// A SIP message as text, taken apart far enough for a test to look at it and built without any library, so that the
/// gateway and its tests cannot share a mistake.
package struct WireMessage: Sendable {
    /// The first line.
    package enum Start: Hashable, Sendable {
        case request(SIPMethod, uri: String)
        case response(Int, phrase: String)
    }

    /// One header field, its name in the long form.
    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var start: Start
    /// In the order of the message.
    package var headers: [Header]
    package var body: [UInt8]
    /// The bytes as received; empty for a message built here.
    package private(set) var received: [UInt8] = []

    /// A message to be sent. Content-Length is added by ``bytes``.
    package init(_ start: Start, headers: [Header] = [], body: [UInt8] = []) {
        self.start = start
        self.headers = headers
        self.body = body
    }

    init(_ start: Start, headers: [Header], body: [UInt8], received: [UInt8]) {
        self.init(start, headers: headers, body: body)
        self.received = received
    }

    /// What goes on the wire.
    package var bytes: [UInt8] {
        var text =
            switch start {
            case .request(let method, let uri): "\(method) \(uri) SIP/2.0\r\n"
            case .response(let status, let phrase): "SIP/2.0 \(status) \(phrase)\r\n"
            }
        for header in headers where !header.name.isSame(as: "Content-Length") {
            text += "\(header.name): \(header.value)\r\n"
        }
        text += "Content-Length: \(body.count)\r\n\r\n"
        return Array(text.utf8) + body
    }

    /// The message as text, for ladders.
    package var text: String {
        String(decoding: received.isEmpty ? bytes : received, as: UTF8.self)
    }
}
