import CallCore
import Testing

/// Every order of what network, devices and clock may do, to a depth.
@Suite("Everything that can happen to an inbound call")
struct InboundExplorationTests {
    @Test(arguments: InboundInvite.Reliability.allCases, [true, false])
    func everyOrder(reliability: InboundInvite.Reliability, hasOffer: Bool) throws {
        for (devices, depth) in [(1, 5), (2, 3)] {
            let first = try InboundWorld(devices: devices, offer: hasOffer ? .offer : nil, reliability: reliability)
            var frontier: Set = [first]
            var seen = frontier
            var wasAnswered = false
            for _ in 0..<depth {
                var next: Set<InboundWorld> = []
                for world in frontier {
                    for event in world.events {
                        var after = world
                        do throws(InboundWorld.Violation) {
                            try after.take(event)
                        } catch {
                            Issue.record("\(error.rule), at \(event) in \(world.call.phase)")
                            return
                        }
                        wasAnswered = wasAnswered || after.isAnswered
                        if seen.insert(after).inserted { next.insert(after) }
                    }
                }
                frontier = next
            }
            #expect(wasAnswered)
            #expect(seen.count > 100)
        }
    }
}
