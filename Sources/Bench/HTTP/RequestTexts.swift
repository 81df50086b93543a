/// The requests of the load, prepared so that one is built by copying a few pieces and patching digits.
final class RequestTexts {
    /// Room for the longest request: a body of some KB behind a head with an RS256 token.
    static let capacity = 65_536

    private let createHeads: [[UInt8]]
    private let readHead: [UInt8]
    private let deleteHead: [UInt8]
    private let changeHead: [UInt8]
    /// Behind the path of a PUT: the request line's end, its head for each caller, the body.
    private let ringTails: [[UInt8]]
    private let answerTails: [[UInt8]]
    /// Ends the request line and carries Host and the token, for requests without a body.
    private let tails: [[UInt8]]
    private let originators: [Originator]
    private let call: Form
    private let emergencyCall: Form
    private let storage: UnsafeMutablePointer<UInt8>

    var originatorCount: Int { originators.count }

    /// What follows the head of a POST that is the caller's.
    private struct Form {
        var text: [UInt8] = []
        /// Where digits go.
        var originatorNumbers: [Int] = []
        var receiverNumbers: [Int] = []
        var offerNumber = 0

        /// - Parameter receiver: nil for a number.
        init(offer: String, receiver: String?) {
            let blank = String(repeating: "0", count: CallReference.digits)
            let number = "tel:+1\(blank)"
            let called = receiver ?? number
            let json =
                #"{"originatorAddress":"\#(number)","originatorName":"\#(number)","receiverAddress":"\#(called)","#
                + #""receiverName":"\#(called)","offer":{"sdp":"\#(offer)"}}"#
            text = Array("Content-Length: \(json.utf8.count)\r\n\r\n\(json)".utf8)
            let numbers = text.indices.filter { text[$0...].starts(with: number.utf8) }.map { $0 + "tel:+1".utf8.count }
            originatorNumbers = Array(numbers.prefix(2))
            receiverNumbers = Array(numbers.dropFirst(2))
            offerNumber = text.indices.first { text[$0...].starts(with: "v=0".utf8) } ?? 0
            offerNumber += #"v=0\r\no=- "#.utf8.count
        }
    }

    /// - Parameters:
    ///   - path: where the API mounts sessions.
    ///   - registrations: the originators' registrations, which their calls name; none if empty.
    init(media: MediaTexts, originators: [Originator], path: String, port: UInt16, registrations: [String] = []) {
        self.originators = originators
        // Every line of the offer ends in CRLF; nothing else in it needs an escape.
        let offer = RequestTexts.escaped(media.offer)
        call = Form(offer: offer, receiver: nil)
        emergencyCall = Form(offer: offer, receiver: "urn:service:sos")
        let host = "Host: 127.0.0.1:\(port)\r\nAuthorization: Bearer "
        createHeads = originators.enumerated().map { index, originator in
            let registration = registrations.isEmpty ? "" : "registrationId: \(registrations[index])\r\n"
            return Array(
                ("POST \(path) HTTP/1.1\r\n\(host)\(originator.token)\r\n\(registration)"
                    + "Content-Type: application/json\r\n").utf8)
        }
        tails = originators.map { Array(" HTTP/1.1\r\n\(host)\($0.token)\r\n\r\n".utf8) }
        changeHead = Array("PUT \(path)/".utf8)
        func change(_ body: String) -> [[UInt8]] {
            originators.map { originator in
                Array(
                    ("/status HTTP/1.1\r\n\(host)\(originator.token)\r\nContent-Type: application/json\r\n"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
            }
        }
        ringTails = change(#"{"status":"Ringing"}"#)
        let answer = RequestTexts.escaped(media.answer)
        answerTails = change(#"{"status":"Connected","answer":{"sdp":"\#(answer)"}}"#)
        readHead = Array("GET \(path)/".utf8)
        deleteHead = Array("DELETE \(path)/".utf8)
        storage = .allocate(capacity: RequestTexts.capacity)
    }

    deinit { storage.deallocate() }

    /// A description as a JSON string has it.
    private static func escaped(_ description: [UInt8]) -> String {
        String(decoding: description, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
            .map { $0 + "\\r\\n" }.joined()
    }

    /// The POST of a call; valid until the next request is built.
    func create(_ call: CallReference, originator: Int, isEmergency: Bool) -> UnsafeBufferPointer<UInt8> {
        let form = isEmergency ? emergencyCall : self.call
        var writer = ByteWriter(storage, capacity: RequestTexts.capacity)
        writer.append(createHeads[originator])
        let start = storage + writer.count
        writer.append(form.text)
        for position in form.originatorNumbers {
            Decimal.write(originators[originator].number, digits: CallReference.digits, to: start + position)
        }
        for position in form.receiverNumbers {
            Decimal.write(call.number, digits: CallReference.digits, to: start + position)
        }
        Decimal.write(call.number, digits: CallReference.digits, to: start + form.offerNumber)
        return UnsafeBufferPointer(start: storage, count: writer.count)
    }

    /// The GET, PUT or DELETE of a session; valid until the next request is built.
    func onSession(
        _ operation: HTTPConnection.Operation, _ sessionID: UnsafePointer<UInt8>, _ length: Int, originator: Int
    ) -> UnsafeBufferPointer<UInt8> {
        var writer = ByteWriter(storage, capacity: RequestTexts.capacity)
        let (head, tail) =
            switch operation {
            case .delete: (deleteHead, tails[originator])
            case .ring: (changeHead, ringTails[originator])
            case .answer: (changeHead, answerTails[originator])
            case .read, .create: (readHead, tails[originator])
            }
        writer.append(head)
        writer.append(sessionID, length)
        writer.append(tail)
        return UnsafeBufferPointer(start: storage, count: writer.count)
    }
}
