import CallCore
import Foundation
import Testing

@testable import RESTFront

/// Somebody else's session, registration or subscription is answered as if there were none, and in the same time.
///
/// The ordinary run takes 400 pairs of each kind; `GATEWAY_TIMING=5000` takes so many.
@Suite(.serialized) struct OwnershipTimingTests {
    struct Case: CustomTestStringConvertible {
        var kind: OwnedWorld.Kind
        var method: HTTPMethod
        var testDescription: String { "\(method.rawValue) \(kind.rawValue)" }
    }

    static let cases = OwnedWorld.Kind.allCases.flatMap { kind in
        [HTTPMethod.get, .put, .delete].map { Case(kind: kind, method: $0) }
    }

    static let pairs = ProcessInfo.processInfo.environment["GATEWAY_TIMING"].flatMap { Int($0) } ?? 400
    /// How far the medians may be apart, nanoseconds; a stranger over a network sees many times that as noise. Some
    /// 200 ns are left where nothing is optimised: an id that is found is compared, one that is not is not.
    static let longest = 500.0
    /// How far the ranks may be apart before that is no accident.
    static let largestZ = 4.0

    @Test(
        .disabled(if: ProcessInfo.processInfo.environment["ASAN_OPTIONS"] != nil, "mostly the sanitizer's time"),
        arguments: cases
    ) func aStrangersIdTakesAsLongAsNone(_ row: Case) async throws {
        let world = try await OwnedWorld(entries: 64)
        var last = TwoSamples()
        // Neighbours on the machine can come in one kind's way more than in the other's; a leak is there every time.
        for _ in 0..<3 {
            last = try measure(row, in: world)
            print(
                "FIGURE ownership timing \(row.testDescription): "
                    + String(
                        format: "median %.0f ns, stranger's %+.0f ns, z %+.1f, n %d", TwoSamples.median(last.second),
                        last.distance, last.z, last.first.count))
            if !Self.tellsApart(last) { return }
        }
        Issue.record("the times tell them apart: \(last.distance) ns, z \(last.z)")
    }

    /// Whether there is a difference that is of use, and that is none of chance.
    private static func tellsApart(_ samples: TwoSamples) -> Bool {
        abs(samples.distance) > longest && abs(samples.z) > largestZ
    }

    /// One of each in turn, in an order that chance decides.
    private func measure(_ row: Case, in world: OwnedWorld) throws -> TwoSamples {
        var random = SystemRandomNumberGenerator()
        let strangers = try #require(world.ids[row.kind])
        let upper = row.kind == .session
        let nobodys = strangers.map { _ in RandomText.hex(digits: 40, uppercase: upper, using: &random) }
        var samples = TwoSamples()
        var statuses: Set<Int> = []
        var bodies: Set<Data> = []
        for pair in 0..<(Self.pairs + 50) {
            for isStranger in Bool.random(using: &random) ? [true, false] : [false, true] {
                let id = (isStranger ? strangers : nobodys)[Int.random(in: 0..<strangers.count, using: &random)]
                let (time, response) = world.time(row.method, row.kind, id)
                statuses.insert(response?.status ?? 0)
                bodies.insert(response?.body ?? Data())
                // The first ones find cold caches.
                guard pair >= 50 else { continue }
                if isStranger { samples.first.append(time) } else { samples.second.append(time) }
            }
        }
        #expect(statuses == [404])
        #expect(bodies.count == 1)
        return samples
    }

    // MARK: - What the figures are worth

    @Test func theStatisticSeesAShiftAndNoOther() {
        var random = SystemRandomNumberGenerator()
        func time(_ more: UInt64) -> UInt64 {
            // Some 20 µs, a few far beyond.
            let long: UInt64 = Int.random(in: 0..<20, using: &random) == 0 ? 1_000_000 : 0
            return 20_000 + UInt64.random(in: 0..<2_000, using: &random) + long + more
        }
        let same = TwoSamples(first: (0..<2_000).map { _ in time(0) }, second: (0..<2_000).map { _ in time(0) })
        #expect(abs(same.z) < 6)
        #expect(!Self.tellsApart(same))
        let apart = TwoSamples(first: (0..<2_000).map { _ in time(800) }, second: (0..<2_000).map { _ in time(0) })
        #expect(apart.z > 6)
        #expect(Self.tellsApart(apart))
    }

    @Test func theStatisticIsMannAndWhitneys() {
        // By hand: ranks of the first are 1, 2.5 and 5, U = 2.5 of 9, one tie of two.
        let samples = TwoSamples(first: [1, 2, 4], second: [2, 3, 5])
        #expect(abs(samples.z - (2.5 - 4.5) / (9.0 / 12 * (7 - 6.0 / 30)).squareRoot()) < 1e-12)
        #expect(TwoSamples(first: [7, 7], second: [7, 7]).z == 0)
        #expect(TwoSamples(first: [], second: [7]).z == 0)
        #expect(TwoSamples.median([3, 1, 2]) == 2)
        #expect(TwoSamples.median([4, 1, 2, 3]) == 2.5)
    }
}
