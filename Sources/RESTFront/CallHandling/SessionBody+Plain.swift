extension SessionBody {
    /// The same as the decoder makes of it; nil if the object has a member that is no text of a call.
    init?(_ object: PlainObject) {
        for (name, value) in object.members {
            switch (name, value) {
            case ("originatorAddress", .text(let text)): originatorAddress = .value(text)
            case ("originatorName", .text(let text)): originatorName = .value(text)
            case ("receiverAddress", .text(let text)): receiverAddress = .value(text)
            case ("receiverName", .text(let text)): receiverName = .value(text)
            case ("offer", .texts(let texts)): offer = .value(SDPBody(texts))
            case ("answer", .texts(let texts)): answer = .value(SDPBody(texts))
            case ("status", .text(let text)): status = .value(text)
            case ("mediaSessionId", .text(let text)): mediaSessionId = .value(text)
            case ("callType", .text(let text)): callType = .value(text)
            case ("clientCorrelator", .text(let text)): clientCorrelator = .value(text)
            case ("reason", .text(let text)): reason = .value(text)
            default: return nil
            }
        }
    }
}

extension SDPBody {
    fileprivate init(_ texts: [(name: String, text: String)]) {
        for (name, text) in texts {
            if name == "sdp" { sdp = .value(text) } else { unknown.append(name) }
        }
        unknown.sort()
    }
}
