import CallCore
import Foundation
import Synchronization

/// What the notifier's tests tell of and to.
enum Sample {
    static let time = Date(timeIntervalSince1970: 1_782_820_800)
    static let owner = SessionOwner(client: "app")
    static let device = SessionDevice(registrationID: RegistrationID(rawValue: "r1"), deviceID: "d1")

    static func session(
        _ id: String = "m1", _ status: SessionStatus = .ringing, owner: SessionOwner = owner,
        device: SessionDevice? = device, correlator: String? = nil, version: Int = 1
    ) -> Session {
        Session(
            id: SessionID(rawValue: id), owner: owner, originatorAddress: "tel:+17085852753",
            receiverAddress: "tel:+17085854000", clientCorrelator: "cc", device: device, correlator: correlator,
            status: status, sequenceNumber: version)
    }

    static func session(
        _ status: SessionStatus, owner: SessionOwner = owner, device: SessionDevice? = device,
        correlator: String? = nil, version: Int = 1
    ) -> Session {
        session("m1", status, owner: owner, device: device, correlator: correlator, version: version)
    }

    static func subscription(
        _ id: String = "s1", owner: SessionOwner = owner, types: [EventType] = [EventType(.sessionStatus)],
        device: String? = nil, registration: String? = nil, session: String? = nil,
        sink: String = "https://sink.example/events", token: Date? = nil, expires: Date? = nil, maximum: Int? = nil,
        initial: Bool = false, dialect: EventDialect = .v02, created: Date = time
    ) throws -> Subscription {
        Subscription(
            id: SubscriptionID(rawValue: id), owner: owner, types: types,
            detail: .init(
                deviceID: device, registrationID: registration, sessionID: session.map(SessionID.init(rawValue:))),
            sink: try SinkURL(sink),
            credential: try token.map { try SinkCredential(accessToken: "secret", expiresAt: $0) },
            expiresAt: expires, maximumEvents: maximum, initialEvent: initial, createdAt: created, dialect: dialect)
    }

    static func request(
        device: String? = nil, registration: String? = nil, session: String? = nil, owner: SessionOwner = owner,
        types: [EventType] = [EventType(.sessionStatus)], sink: String = "https://sink.example/events",
        token: Date? = nil, expires: Date? = nil, maximum: Int? = nil, initial: Bool = false,
        dialect: EventDialect = .v02, correlator: String = "c-subscribe"
    ) throws -> SubscriptionRequest {
        let model = try subscription(
            owner: owner, types: types, device: device, registration: registration, session: session, sink: sink,
            token: token)
        return SubscriptionRequest(
            owner: owner, types: types, detail: model.detail, sink: model.sink, credential: model.credential,
            expiresAt: expires, maximumEvents: maximum, initialEvent: initial, dialect: dialect,
            correlator: correlator)
    }

    static func registration(
        _ id: String = "r1", owner: SessionOwner = owner, device: String = "d1"
    ) throws -> Registration {
        struct Malformed: Error {}
        guard let number = PhoneNumber("+17085852753") else { throw Malformed() }
        return Registration(
            id: RegistrationID(rawValue: id), owner: owner, number: number, deviceID: device, createdAt: time,
            expiresAt: time + 3_600)
    }
}

/// A date that moves when a test says so.
final class WallClock: Sendable {
    private let time = Mutex(Sample.time)

    var now: Date { time.withLock { $0 } }
    var read: @Sendable () -> Date { { self.now } }

    func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

/// The sessions as an API would show them.
final class SessionTable: Sendable {
    private let sessions = Mutex<[SessionID: Session]>([:])

    func publish(_ session: Session) { sessions.withLock { $0[session.id] = session } }
    var look: @Sendable (SessionID) -> Session? { { id in self.sessions.withLock { $0[id] } } }
}
