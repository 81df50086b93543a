import Testing

@testable import CallCore

/// What hold and resume do to a description, and what they leave alone (media design, "passthrough").
@Suite("Descriptions in mid-call")
struct DescriptionRenewalTests {
    private func made(_ lines: [String], end: String = "\r\n") -> SessionDescription {
        SessionDescription(unchecked: lines.map { $0 + end }.joined())
    }

    private let head = ["v=0", "o=- 7 1 IN IP4 192.0.2.1", "s=-", "t=0 0"]

    @Test(arguments: ["\r\n", "\n"])
    func lineEndsStay(end: String) {
        let sdp = made(head + ["m=audio 9 RTP/AVP 0"], end: end)
        let held = sdp.limited { _, _ in .sendonly }
        #expect(held == made(head + ["m=audio 9 RTP/AVP 0", "a=sendonly"], end: end))
        #expect(sdp.limited { $1 } == sdp)
    }

    @Test func eachStreamHasItsOwnDirectionAndARejectedOneStays() {
        let sdp = made(
            head + ["a=recvonly", "m=audio 9 RTP/AVP 0", "a=sendrecv", "m=video 0 RTP/AVP 96", "m=video 9 RTP/AVP 96"])
        #expect(sdp.streams.map(\.direction) == [.sendrecv, .recvonly, .recvonly])
        #expect(sdp.streams.map(\.isActive) == [true, false, true])
        let held = sdp.limited { $1.limited(to: .sendonly) }
        #expect(
            held
                == made(
                    head + [
                        "a=recvonly", "m=audio 9 RTP/AVP 0", "a=sendonly", "m=video 0 RTP/AVP 96",
                        "m=video 9 RTP/AVP 96", "a=inactive",
                    ]))
    }

    @Test(arguments: [
        ("o=- 7 5 IN IP4 192.0.2.1", "o=- 7 6 IN IP4 192.0.2.1"),
        ("o=- 7 9 IN IP4 192.0.2.1", "o=- 7 9 IN IP4 192.0.2.1"),
        ("o=- 8 1 IN IP4 192.0.2.1", "o=- 8 1 IN IP4 192.0.2.1"),
        ("o=- 7 x IN IP4 192.0.2.1", "o=- 7 x IN IP4 192.0.2.1"),
    ])
    func versionsGoUpWhereTheSessionIsTheSame(origin: String, expected: String) {
        let last = made(["v=0", "o=- 7 5 IN IP4 192.0.2.1", "s=-", "t=0 0", "m=audio 9 RTP/AVP 0"])
        let next = made(["v=0", origin, "s=-", "t=0 0", "m=audio 10 RTP/AVP 0"])
        #expect(next.numbered(after: last) == made(["v=0", expected, "s=-", "t=0 0", "m=audio 10 RTP/AVP 0"]))
        #expect(last.numbered(after: last) == last)
    }

    @Test(arguments: [
        (["m=audio 9 RTP/AVP 0", "a=sendonly"], true), (["m=audio 9 RTP/AVP 0", "a=inactive"], true),
        (["m=audio 11 RTP/AVP 0"], false), (["m=audio 9 RTP/AVP 0 8"], false), (["m=audio 0 RTP/AVP 0"], false),
        (["m=audio 9 RTP/AVP 0", "a=ptime:20"], false),
        (["m=audio 9 RTP/AVP 0", "m=video 9 RTP/AVP 96"], false),
    ])
    func onlyDirectionsAreTheSameMedia(media: [String], isSame: Bool) {
        let sdp = made(head + ["m=audio 9 RTP/AVP 0", "a=sendrecv"])
        let later = made(["v=0", "o=- 7 2 IN IP4 192.0.2.1", "s=-", "t=0 0"] + media)
        #expect(sdp.describesSameMedia(as: later) == isSame)
    }

    @Test(arguments: ["a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:", "a=fingerprint:sha-256 AA:", "a=ice-pwd:"])
    func anotherKeyIsAnotherMedia(key: String) {
        let media = ["m=audio 9 RTP/SAVPF 0", "a=sendrecv"]
        let before = made(head + media + [key + "one"])
        #expect(before.describesSameMedia(as: made(head + ["m=audio 9 RTP/SAVPF 0", "a=sendonly", key + "one"])))
        #expect(!before.describesSameMedia(as: made(head + media + [key + "two"])))
        #expect(!before.describesSameMedia(as: made(head + media + [key + "one", key + "two"])))
        #expect(!before.describesSameMedia(as: made(head + media)))
    }

    // MARK: - The old way to hold (RFC 3264 §8.4)

    @Test(arguments: [
        (["c=IN IP4 0.0.0.0", "m=audio 9 RTP/AVP 0"], [MediaDirection.sendonly]),
        (["c=IN IP4 192.0.2.1", "m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0"], [.sendonly]),
        (["c=IN IP4 192.0.2.1", "m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=recvonly"], [.inactive]),
        (
            ["c=IN IP4 0.0.0.0", "m=audio 9 RTP/AVP 0", "c=IN IP4 192.0.2.1", "m=video 9 RTP/AVP 96"],
            [.sendrecv, .sendonly]
        ),
        (["c=IN IP4 0.0.0.05", "m=audio 9 RTP/AVP 0"], [.sendrecv]),
        // With ICE it is an ordinary default, for the streams that have it.
        (["c=IN IP4 0.0.0.0", "a=ice-ufrag:x", "m=audio 9 RTP/AVP 0"], [.sendrecv]),
        (["m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=ice-ufrag:x"], [.sendrecv]),
        (["m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host"], [.sendrecv]),
        (
            ["c=IN IP4 0.0.0.0", "m=audio 9 RTP/AVP 0", "a=ice-ufrag:x", "m=video 9 RTP/AVP 96"],
            [.sendrecv, .sendonly]
        ),
    ])
    func aNullAddressHoldsWhereThereIsNoICE(lines: [String], directions: [MediaDirection]) {
        let sdp = made(head + lines)
        #expect(sdp.streams.map(\.direction) == directions)
        #expect(sdp.hasNullAddress == directions.contains { !$0.receives })
    }

    @Test func onlyTheAddressThatHoldsMayDiffer() {
        let before = made(
            head + ["m=audio 9 RTP/AVP 0", "c=IN IP4 192.0.2.1", "m=video 9 RTP/AVP 96", "c=IN IP4 192.0.2.2"])
        let held = made(
            head + ["m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "m=video 9 RTP/AVP 96", "c=IN IP4 192.0.2.2"])
        let moved = made(
            head + ["m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "m=video 9 RTP/AVP 96", "c=IN IP4 192.0.2.3"])
        #expect(before.describesSameMedia(as: held))
        #expect(!before.describesSameMedia(as: moved))
        let ice = made(head + ["m=audio 9 RTP/AVP 0", "c=IN IP4 192.0.2.1", "a=ice-ufrag:x"])
        let restarted = made(head + ["m=audio 9 RTP/AVP 0", "c=IN IP4 0.0.0.0", "a=ice-ufrag:x"])
        #expect(!ice.describesSameMedia(as: restarted))
    }

    // MARK: - Rejected streams

    @Test func whatTheOtherSideRejectedStaysRejected() {
        let own = made(head + ["m=audio 9 RTP/AVP 0", "m=video 10/2 RTP/AVP 96", "a=sendrecv"])
        let other = made(head + ["m=audio 9 RTP/AVP 0", "m=video 0 RTP/AVP 96"])
        #expect(
            own.rejecting(asIn: other) == made(head + ["m=audio 9 RTP/AVP 0", "m=video 0 RTP/AVP 96", "a=sendrecv"]))
        #expect(own.rejecting(asIn: own) == own)
        #expect(other.rejecting(asIn: other) == other)
    }

    @Test func aStreamInABundleIsNotRejectedByItsPort() {
        let own = made(head + ["m=audio 9 RTP/AVP 0", "m=video 0 RTP/AVP 96", "a=bundle-only"])
        #expect(own.streams.map(\.isActive) == [true, true])
        #expect(own.rejecting(asIn: own) == own)
    }

    @Test func anAnswerWhoseRoleIsUnknownIsNone() {
        let own = made(head + ["m=audio 9 RTP/AVP 0", "a=setup:actpass"])
        #expect(own.answering(made(head + ["m=audio 9 RTP/AVP 0", "a=setup:actpass"])) == nil)
        #expect(own.answering(made(head + ["m=audio 9 RTP/AVP 0", "m=audio 9 RTP/AVP 0"])) == nil)
        let active = made(head + ["m=audio 9 RTP/AVP 0", "a=setup:active"])
        #expect(own.answering(made(head + ["m=audio 9 RTP/AVP 0"])) == active)
        #expect(active.answering(own) == active)
    }
}
