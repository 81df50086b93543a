import CallCore
import Foundation
import Testing

@testable import Services

@Suite struct RegistrationRangeTests {
    private let range = RegistrationRange(minimum: .seconds(60), standard: .seconds(3_600), maximum: .seconds(86_400))
    private let now = Date(timeIntervalSince1970: 1_000)

    @Test(
        "A wish, and what becomes of it in both rules; nil for 400 OUT_OF_RANGE",
        arguments: [
            (nil, 3_600, 3_600), (60, 60, 60), (3_000, 3_000, 3_000), (86_400, 86_400, 86_400),
            (90_000, 86_400, 86_400), (59, 60, nil), (0, 60, nil), (-1_000, 60, nil),
        ] as [(Double?, Double, Double?)])
    func expiry(wish: Double?, own: Double, capped: Double?) throws {
        let date = wish.map { now + $0 }
        #expect(try range.expiry(wish: date, now: now, .ownPolicy) == now + own)
        if let capped {
            #expect(try range.expiry(wish: date, now: now, .cappedNotRaised) == now + capped)
        } else {
            let error = #expect(throws: CAMARAError.self) {
                try range.expiry(wish: date, now: now, .cappedNotRaised)
            }
            #expect(error?.code == .outOfRange)
            #expect(error?.status == 400)
        }
    }
}
