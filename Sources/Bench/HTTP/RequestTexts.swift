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
    private let body: [UInt8]
    private let originatorNumbers: [Int]
    private let receiverNumbers: [Int]
    private let offerNumber: Int
    private let storage: UnsafeMutablePointer<UInt8>

    var originatorCount: Int { originators.count }

    /// - Parameters:
    ///   - path: where the API mounts sessions.
    ///   - registrations: the originators' registrations, which their calls name; none if empty.
    init(media: MediaTexts, originators: [Originator], path: String, port: UInt16, registrations: [String] = []) {
        self.originators = originators
        let blank = String(repeating: "0", count: CallReference.digits)
        // Every line of the offer ends in CRLF; nothing else in it needs an escape.
        let offer = RequestTexts.escaped(media.offer)
        let pieces = [
            #"{"originatorAddress":"tel:+1"#, blank, #"","originatorName":"tel:+1"#, blank,
            #"","receiverAddress":"tel:+1"#, blank, #"","receiverName":"tel:+1"#, blank, #"","offer":{"sdp":""#,
        ]
        var text: [UInt8] = []
        var numbers: [Int] = []
        for piece in pieces {
            if piece == blank { numbers.append(text.count) }
            text += Array(piece.utf8)
        }
        originatorNumbers = Array(numbers[0..<2])
        receiverNumbers = Array(numbers[2..<4])
        offerNumber = text.count + #"v=0\r\no=- "#.utf8.count
        body = text + Array(offer.utf8) + Array(#""}}"#.utf8)
        let host = "Host: 127.0.0.1:\(port)\r\nAuthorization: Bearer "
        let bodyLength = body.count
        createHeads = originators.enumerated().map { index, originator in
            let registration = registrations.isEmpty ? "" : "registrationId: \(registrations[index])\r\n"
            return Array(
                ("POST \(path) HTTP/1.1\r\n\(host)\(originator.token)\r\n\(registration)"
                    + "Content-Type: application/json\r\nContent-Length: \(bodyLength)\r\n\r\n").utf8)
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
    func create(_ call: CallReference, originator: Int) -> UnsafeBufferPointer<UInt8> {
        var writer = ByteWriter(storage, capacity: RequestTexts.capacity)
        writer.append(createHeads[originator])
        let start = storage + writer.count
        writer.append(body)
        for position in originatorNumbers {
            Decimal.write(originators[originator].number, digits: CallReference.digits, to: start + position)
        }
        for position in receiverNumbers {
            Decimal.write(call.number, digits: CallReference.digits, to: start + position)
        }
        Decimal.write(call.number, digits: CallReference.digits, to: start + offerNumber)
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
