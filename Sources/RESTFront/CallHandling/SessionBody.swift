import Foundation

/// The body of POST …/sessions and of PUT …/status as it came, of any dialect: CAMARA's `MediaSessionInformation`.
struct SessionBody: Decodable, Sendable {
    var originatorAddress = Property<String>.absent
    var originatorName = Property<String>.absent
    var receiverAddress = Property<String>.absent
    var receiverName = Property<String>.absent
    var offer = Property<SDPBody>.absent
    var answer = Property<SDPBody>.absent
    var status = Property<String>.absent
    var mediaSessionId = Property<String>.absent
    var callType = Property<String>.absent
    var locationDetails = Property<LocationBody>.absent
    // r2.2 only.
    var clientCorrelator = Property<String>.absent
    var offerRequired = Property<Bool>.absent
    var reason = Property<String>.absent
    var sequenceNumber = Property<Int>.absent
    var callObjectRef = Property<String>.absent
    var serverCorrelator = Property<String>.absent
    /// The wrapper that r2.2's PUT examples have, under either spelling.
    var receiverSessionStatus = Property<WrappedStatus>.absent
    /// Names no release of the API has, sorted.
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "originatorAddress": originatorAddress = container.property(key)
            case "originatorName": originatorName = container.property(key)
            case "receiverAddress": receiverAddress = container.property(key)
            case "receiverName": receiverName = container.property(key)
            case "offer": offer = container.property(key)
            case "answer": answer = container.property(key)
            case "status": status = container.property(key)
            case "mediaSessionId": mediaSessionId = container.property(key)
            case "callType": callType = container.property(key)
            case "locationDetails": locationDetails = container.property(key)
            case "clientCorrelator": clientCorrelator = container.property(key)
            case "offerRequired": offerRequired = container.property(key)
            case "reason": reason = container.property(key)
            case "sequenceNumber": sequenceNumber = container.property(key)
            case "callObjectRef": callObjectRef = container.property(key)
            case "serverCorrelator": serverCorrelator = container.property(key)
            case "receiverSessionStatus", "ReceiverSessionStatus": receiverSessionStatus = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}

/// CAMARA's `WrtcSdpDescriptor`.
struct SDPBody: Decodable, Sendable {
    var sdp = Property<String>.absent
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            if key.stringValue == "sdp" {
                sdp = container.property(key)
            } else {
                unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}

/// What r2.2's examples put into `receiverSessionStatus`.
struct WrappedStatus: Decodable, Sendable {
    var status = Property<String>.absent
    var offer = Property<SDPBody>.absent
    var answer = Property<SDPBody>.absent

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "status": status = container.property(key)
            case "offer": offer = container.property(key)
            case "answer": answer = container.property(key)
            default: break
            }
        }
    }
}
