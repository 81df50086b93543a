/// The body of POST …/subscriptions as it came, of any dialect: CAMARA's `SubscriptionRequest`.
struct SubscriptionBody: Decodable, Sendable {
    var `protocol` = Property<String>.absent
    var protocolSettings = Property<ProtocolSettingsBody>.absent
    var sink = Property<String>.absent
    var sinkCredential = Property<SinkCredentialBody>.absent
    var types = Property<[String]>.absent
    var config = Property<SubscriptionConfigBody>.absent
    /// Names no release of the API has, sorted.
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "protocol": `protocol` = container.property(key)
            case "protocolSettings": protocolSettings = container.property(key)
            case "sink": sink = container.property(key)
            case "sinkCredential": sinkCredential = container.property(key)
            case "types": types = container.property(key)
            case "config": config = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}

/// CAMARA's `Config`.
struct SubscriptionConfigBody: Decodable, Sendable {
    var subscriptionDetail = Property<SubscriptionDetailBody>.absent
    var subscriptionExpireTime = Property<String>.absent
    var subscriptionMaxEvents = Property<Int>.absent
    var initialEvent = Property<Bool>.absent
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "subscriptionDetail": subscriptionDetail = container.property(key)
            case "subscriptionExpireTime": subscriptionExpireTime = container.property(key)
            case "subscriptionMaxEvents": subscriptionMaxEvents = container.property(key)
            case "initialEvent": initialEvent = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}

/// CAMARA's `WebrtcSubscriptionDetail` of both releases; r2.2's examples have `mediaSessionId` for `sessionId`.
struct SubscriptionDetailBody: Decodable, Sendable {
    var registrationId = Property<String>.absent
    var deviceId = Property<String>.absent
    var sessionId = Property<String>.absent
    var mediaSessionId = Property<String>.absent
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "registrationId": registrationId = container.property(key)
            case "deviceId": deviceId = container.property(key)
            case "sessionId": sessionId = container.property(key)
            case "mediaSessionId": mediaSessionId = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}

/// CAMARA's `HTTPSettings`.
struct ProtocolSettingsBody: Decodable, Sendable {
    var method = Property<String>.absent
    var headers = Property<[String: String]>.absent
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "method": method = container.property(key)
            case "headers": headers = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}
