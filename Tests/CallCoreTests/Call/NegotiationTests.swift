import Testing

@testable import CallCore

/// Offer and answer in a confirmed dialog, as tables (RFC 3264; RFC 3261 §14; RFC 3311; mapping §3).
@Suite("Negotiation in mid-call")
struct NegotiationTests {
    private static func sdp(_ owner: String = "app", version: Int = 1, _ direction: String? = nil, port: Int = 9)
        -> SessionDescription
    {
        let line = direction.map { "a=\($0)\r\n" } ?? ""
        return SessionDescription(
            unchecked:
                "v=0\r\no=\(owner) 7 \(version) IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio \(port) RTP/AVP 0\r\n\(line)"
        )
    }

    private func made(ownsCallID: Bool = true) -> Negotiation {
        Negotiation(
            own: Self.sdp(), remote: Self.sdp("peer"), ownsCallID: ownsCallID, limit: .seconds(10))
    }

    private func offer(of actions: [Negotiation.Action]) -> SessionDescription? {
        actions.compactMap { if case .reinvite(let sdp) = $0 { sdp } else { nil } }.first
    }

    private func response(of actions: [Negotiation.Action]) -> (status: Int, sdp: SessionDescription?)? {
        for case .respond(let status, let sdp) in actions { return (status, sdp) }
        return nil
    }

    /// The PUT's answer: none, done (nil), or an error.
    private func error(of actions: [Negotiation.Action]) -> CAMARAError?? {
        for case .reply(let error) in actions { return .some(error) }
        return nil
    }

    private func answered(_ status: Int, _ answer: SessionDescription? = nil, draw: UInt64 = 0) -> Negotiation.Event {
        .answered(status: status, reason: "SIP \(status)", answer: answer, draw: draw)
    }

    @Test func holdAndResume() throws {
        var talk = made()
        let hold = talk.handle(.change(.init(hold: true)))
        #expect(offer(of: hold) == Self.sdp(version: 2, "sendonly"))
        #expect(hold.contains(.start(.exchange, .seconds(10))))
        #expect(error(of: hold) == nil, "the PUT waits")
        #expect(!talk.isHeldByUs)
        let held = talk.handle(answered(200, Self.sdp("peer", version: 2, "recvonly")))
        #expect(held == [.stop(.exchange), .tell(.hold, reason: nil), .reply(nil)])
        #expect(talk.isHeldByUs && !talk.isHeldByPeer && talk.isIdle)
        let resume = talk.handle(.change(.init(hold: false)))
        #expect(offer(of: resume) == Self.sdp(version: 3))
        #expect(talk.handle(answered(200, Self.sdp("peer", version: 3))).contains(.tell(.resume, reason: nil)))
        #expect(!talk.isHeldByUs)
    }

    @Test(
        arguments: [
            ("sendonly", "recvonly", true), ("inactive", "inactive", true), ("recvonly", "sendonly", false),
            ("sendrecv", nil, false),
        ] as [(String, String?, Bool)])
    func thePeersDirectionIsAnsweredTruthfully(theirs: String, ours: String?, isHold: Bool) {
        for isUpdate in [false, true] {
            var talk = made()
            let offer = Self.sdp("peer", version: 2, theirs)
            let actions = talk.handle(isUpdate ? .update(offer: offer) : .invite(offer: offer))
            let answer = response(of: actions)
            #expect(answer?.status == 200)
            #expect(answer?.sdp == Self.sdp(version: ours == nil ? 1 : 2, ours))
            #expect(talk.isHeldByPeer == isHold)
            let tells = actions.contains(.tell(.hold, reason: "the network holds the call"))
            #expect(tells == isHold)
            #expect(talk.isIdle == isUpdate, "a re-INVITE waits for its ACK")
        }
    }

    @Test func bothHoldAndOneResumes() {
        var talk = made()
        _ = talk.handle(.update(offer: Self.sdp("peer", version: 2, "sendonly")))
        #expect(offer(of: talk.handle(.change(.init(hold: true)))) == Self.sdp(version: 3, "inactive"))
        _ = talk.handle(answered(200, Self.sdp("peer", version: 3, "inactive")))
        #expect(talk.isHeldByUs && talk.isHeldByPeer)
        #expect(offer(of: talk.handle(.change(.init(hold: false)))) == Self.sdp(version: 4, "recvonly"))
        _ = talk.handle(answered(200, Self.sdp("peer", version: 4, "sendonly")))
        #expect(!talk.isHeldByUs && talk.isHeldByPeer)
        let resumed = talk.handle(.update(offer: Self.sdp("peer", version: 5)))
        #expect(resumed.contains(.tell(.resume, reason: nil)))
        #expect(response(of: resumed)?.sdp == Self.sdp(version: 5))
    }

    @Test func whileWeHoldThePeerIsNeverPromisedThatWeListen() {
        var talk = made()
        _ = talk.handle(.change(.init(hold: true)))
        _ = talk.handle(answered(200, Self.sdp("peer", version: 2, "recvonly")))
        for (theirs, ours) in [("sendrecv", "sendonly"), ("sendonly", "inactive"), ("recvonly", "sendonly")] {
            let actions = talk.handle(.update(offer: Self.sdp("peer", version: 3, theirs)))
            #expect(response(of: actions)?.sdp?.streams.first?.direction.rawValue == ours)
        }
    }

    @Test func theOldWayToHold() {
        var talk = made()
        let old = SessionDescription(
            unchecked: Self.sdp("peer", version: 2).text.replacing("c=IN IP4 192.0.2.1", with: "c=IN IP4 0.0.0.0"))
        #expect(response(of: talk.handle(.update(offer: old)))?.sdp == Self.sdp(version: 2, "recvonly"))
        #expect(talk.isHeldByPeer)
        #expect(
            talk.handle(.update(offer: Self.sdp("peer", version: 3))).contains(.tell(.resume, reason: nil)))
    }

    @Test func aStreamThatThePeerRejectedStaysRejected() {
        func both(_ owner: String, version: Int = 1, video: Int, _ direction: String = "sendrecv") -> SessionDescription
        {
            SessionDescription(
                unchecked: Self.sdp(owner, version: version, direction).text
                    + "m=video \(video) RTP/AVP 96\r\na=\(video == 0 ? "sendrecv" : direction)\r\n")
        }
        var talk = Negotiation(
            own: both("app", video: 11), remote: both("peer", video: 0), ownsCallID: true, limit: .seconds(10))
        let answer = response(of: talk.handle(.update(offer: both("peer", version: 2, video: 0, "sendonly"))))
        #expect(answer?.status == 200)
        #expect(answer?.sdp?.streams.map(\.isActive) == [true, false], "RFC 3264 §6")
        #expect(answer?.sdp?.streams.first?.direction == .recvonly)
        #expect(talk.isHeldByPeer, "a stream that is none says nothing about hold")
        #expect(response(of: talk.handle(.update(offer: both("peer", version: 3, video: 0))))?.status == 200)
        let hold = offer(of: talk.handle(.change(.init(hold: true))))
        #expect(hold?.streams.map(\.isActive) == [true, false])
        #expect(hold?.streams.first?.direction == .sendonly)
        _ = talk.handle(answered(200, both("peer", version: 4, video: 0, "recvonly")))
        let again = offer(of: talk.handle(.change(.init(offer: both("app", version: 9, video: 12)))))
        #expect(again?.streams.map(\.isActive) == [true, true], "the application may ask again")
    }

    @Test func aStreamThatIsInactiveStaysInactive() {
        let own = SessionDescription(unchecked: Self.sdp().text + "m=video 11 RTP/AVP 96\r\na=inactive\r\n")
        let peers = SessionDescription(unchecked: Self.sdp("peer").text + "m=video 11 RTP/AVP 96\r\na=inactive\r\n")
        var talk = Negotiation(own: own, remote: peers, ownsCallID: true, limit: .seconds(10))
        let hold = offer(of: talk.handle(.change(.init(hold: true))))
        #expect(hold?.streams.map(\.direction) == [.sendonly, .inactive])
        _ = talk.handle(answered(200, peers))
        let resume = offer(of: talk.handle(.change(.init(hold: false))))
        #expect(resume?.streams.map(\.direction) == [.sendrecv, .inactive])
    }

    @Test func aNullAddressWithICEIsNoHold() {
        let ice = "a=ice-ufrag:x\r\n"
        let peers = SessionDescription(
            unchecked: Self.sdp("peer").text.replacing("c=IN IP4 192.0.2.1", with: "c=IN IP4 0.0.0.0") + ice)
        var talk = Negotiation(own: Self.sdp(), remote: peers, ownsCallID: true, limit: .seconds(10))
        let later = SessionDescription(unchecked: peers.text.replacing("7 1 IN", with: "7 2 IN"))
        #expect(response(of: talk.handle(.update(offer: later)))?.sdp == Self.sdp())
        #expect(!talk.isHeldByPeer)
    }

    @Test func anOfferlessReinviteGetsOurOffer() {
        var talk = made()
        #expect(response(of: talk.handle(.invite(offer: nil)))?.sdp == Self.sdp())
        #expect(response(of: talk.handle(.invite(offer: Self.sdp("peer"))))?.status == 491)
        #expect(response(of: talk.handle(.update(offer: Self.sdp("peer"))))?.status == 491)
        let answer = Self.sdp("peer", version: 2, port: 10)
        #expect(talk.handle(.acknowledged(answer: answer)) == [.tell(nil, reason: nil)])
        #expect(talk.remote == answer)
        #expect(talk.isIdle)
    }

    @Test(arguments: [(true, 0, 2_100), (true, 190, 4_000), (true, 191, 2_100), (false, 0, 10), (false, 199, 2_000)])
    func glareIsRetriedOnce(ownsCallID: Bool, draw: Int, wait: Int) {
        var talk = made(ownsCallID: ownsCallID)
        _ = talk.handle(.change(.init(hold: true)))
        #expect(response(of: talk.handle(.invite(offer: Self.sdp("peer", version: 2))))?.status == 491)
        #expect(response(of: talk.handle(.update(offer: Self.sdp("peer", version: 2))))?.status == 491)
        let glare = talk.handle(answered(491, draw: UInt64(draw)))
        #expect(glare == [.start(.glare, .milliseconds(wait))])
        // The peer's turn comes first; ours goes out when its ACK is here.
        #expect(response(of: talk.handle(.invite(offer: Self.sdp("peer", version: 2))))?.status == 200)
        #expect(talk.handle(.retry).isEmpty)
        #expect(offer(of: talk.handle(.acknowledged(answer: nil))) == Self.sdp(version: 2, "sendonly"))
        let again = talk.handle(answered(491))
        #expect(error(of: again)??.status == 409)
        #expect(talk.isIdle)
    }

    @Test(arguments: [(488, false), (500, false), (603, false), (408, true), (481, true)])
    func aRefusalKeepsTheSession(status: Int, isLost: Bool) {
        var talk = made()
        let before = talk
        _ = talk.handle(.change(.init(hold: true)))
        let actions = talk.handle(answered(status))
        #expect(error(of: actions)??.status == 409)
        #expect(actions.contains(.lost) == isLost)
        #expect(talk == before)
    }

    @Test func anAnswerWithoutADescriptionIsARefusal() {
        var talk = made()
        let before = talk
        _ = talk.handle(.change(.init(hold: true)))
        #expect(error(of: talk.handle(answered(200)))??.status == 409)
        #expect(talk == before)
    }

    @Test func aNewOfferIsAcceptedAtOnceAndItsOutcomeTold() {
        var talk = made()
        let new = Self.sdp(version: 2, port: 20)
        let begun = talk.handle(.change(.init(offer: new)))
        #expect(error(of: begun) == .some(nil))
        #expect(offer(of: begun) == new, "byte for byte")
        #expect(talk.handle(answered(488)).contains(.tell(nil, reason: "offer refused: SIP 488")))
        #expect(talk.own == Self.sdp())
        _ = talk.handle(.change(.init(offer: new)))
        #expect(talk.handle(answered(200, Self.sdp("peer", version: 2))).contains(.tell(nil, reason: nil)))
        #expect(talk.own == new)
    }

    @Test func aVersionNeverGoesBack() {
        var talk = made()
        _ = talk.handle(.change(.init(hold: true)))
        _ = talk.handle(answered(200, Self.sdp("peer", version: 2, "recvonly")))
        let actions = talk.handle(.change(.init(hold: false, offer: Self.sdp(version: 2, port: 20))))
        #expect(offer(of: actions) == Self.sdp(version: 3, port: 20))
    }

    @Test func oneChangeAtATime() {
        var talk = made()
        _ = talk.handle(.change(.init(hold: true)))
        #expect(error(of: talk.handle(.change(.init(hold: false))))??.code == .aborted)
    }

    @Test func silenceIsARefusalAndALateAnswerCounts() {
        var talk = made()
        _ = talk.handle(.change(.init(hold: true)))
        let expired = talk.handle(.limit)
        #expect(error(of: expired)??.status == 409)
        #expect(expired.contains(.cancel))
        var cancelled = talk
        #expect(cancelled.handle(answered(487)) == [.stop(.exchange)])
        #expect(!cancelled.isHeldByUs && cancelled.isIdle)
        let late = talk.handle(answered(200, Self.sdp("peer", version: 2, "recvonly")))
        #expect(late == [.stop(.exchange), .tell(.hold, reason: nil)])
    }

    @Test func aMissingAckLosesTheDialog() {
        var talk = made()
        _ = talk.handle(.invite(offer: Self.sdp("peer")))
        #expect(talk.handle(.notAcknowledged) == [.lost])
        #expect(talk.handle(.notAcknowledged).isEmpty)
    }

    @Test func theEndAnswersThePut() {
        var talk = made()
        _ = talk.handle(.change(.init(hold: true)))
        #expect(error(of: talk.handle(.over))??.status == 409)
        #expect(talk.handle(answered(200, Self.sdp("peer"))).isEmpty)
    }

    @Test(arguments: [("active", "passive"), ("passive", "active")])
    func anAnswerHasTheRoleOfTheAssociation(theirs: String, ours: String) {
        func dtls(_ sdp: SessionDescription, _ setup: String) -> SessionDescription {
            SessionDescription(unchecked: sdp.text + "a=setup:\(setup)\r\n")
        }
        var talk = Negotiation(
            own: dtls(Self.sdp(), "actpass"), remote: dtls(Self.sdp("peer"), theirs), ownsCallID: true,
            limit: .seconds(10))
        for version in 2...3 {
            let offer = dtls(Self.sdp("peer", version: version), "actpass")
            let answer = response(of: talk.handle(.update(offer: offer)))?.sdp
            #expect(answer?.text.contains("a=setup:\(ours)\r\n") == true)
        }
    }
}

/// A confirmed call whose media change.
@Suite("Changes of a confirmed call")
struct MidCallTests {
    @Test func aPutIsAnsweredWhenTheCallEnds() {
        for event in [Event.bye(.first, reason: nil), .end(.owner)] {
            var call = RecordedCall.connected()
            call.handle(.negotiation(.first, .change(.init(hold: true))))
            let actions = call.handle(event)
            let replies = actions.filter { if case .negotiate(_, .reply(_?)) = $0 { true } else { false } }
            #expect(replies.count == 1)
            #expect(call.running[.exchange] == nil)
        }
    }

    @Test func aHeldCallEndsTerminated() {
        var call = RecordedCall.connected()
        call.handle(.negotiation(.first, .change(.init(hold: true))))
        call.handle(.negotiation(.first, .answered(status: 200, reason: "", answer: .answer, draw: 0)))
        #expect(call.session.status == .hold)
        #expect(call.call.decide(SessionChange(status: .hold)) == .echo)
        call.handle(.end(.owner))
        call.byeAnswered()
        #expect(call.statuses == [.hold, .terminated])
    }

    @Test(arguments: [408, 481])
    func aReinviteIntoNothingEndsTheCall(status: Int) {
        var call = RecordedCall.connected()
        call.handle(.negotiation(.first, .change(.init(hold: true))))
        call.handle(.negotiation(.first, .answered(status: status, reason: "", answer: nil, draw: 0)))
        #expect(call.byes == [.first])
        call.byeAnswered()
        #expect(call.session.reason == "session timeout")
    }

    @Test func aReinviteThatCrossesOurByeIsAnswered481() {
        var call = RecordedCall.connected()
        call.handle(.end(.owner))
        let actions = call.handle(.negotiation(.first, .invite(offer: .answer)))
        #expect(actions == [.negotiate(.first, .respond(status: 481, nil))])
    }

    @Test func aRefreshByReinviteWaitsForTheExchange() {
        var call = RecordedCall.connected(sessionExpires: 1800, refresherIsUAC: true)
        call.handle(.negotiation(.first, .change(.init(hold: true))))
        #expect(call.fire(.refresh) == [.start(.refresh, .seconds(2))])
        call.handle(.negotiation(.first, .answered(status: 200, reason: "", answer: .answer, draw: 0)))
        #expect(call.fire(.refresh).contains(.refresh(.first, usesUpdate: false)))
        let crossing = call.handle(.negotiation(.first, .invite(offer: .answer)))
        #expect(crossing == [.negotiate(.first, .respond(status: 491, nil))])
        #expect(!call.handle(.negotiation(.first, .change(.init(hold: false)))).contains { $0.isReinvite })
        #expect(call.handle(.refreshAnswered(.first, status: 200, sessionExpires: nil)).contains { $0.isReinvite })
    }
}

extension OutboundCall.Action {
    fileprivate var isReinvite: Bool { if case .negotiate(_, .reinvite) = self { true } else { false } }
}
