import TestPeer
import Testing

/// Calls of applications with Kamailio, which records its route, between the gateway and who is called.
@Suite(.serialized, .gateway(.proxied)) struct ProxiedCallTests {
    @Test(
        "A whole call: ACK, Hold, Resume and BYE take the recorded route; where the transport changes it has two hops",
        arguments: [("+1", 1), ("+32", 2)])
    func wholeCall(prefix: String, hops: Int) async throws {
        try await withProxy { proxy in
            let attempt = try scene().attempt(prefix)
            async let reply = attempt.post()
            let invite = try await attempt.call.invite()
            #expect(invite.came(through: proxy), attempt.ladder)
            #expect(invite.message.recordedRoutes.count == hops, attempt.ladder)
            invite.respond(180)
            let response = try await reply
            #expect(response.outcome == "201 Ringing", attempt.ladder)
            let id = try attempt.sessionID(of: response)
            let contact = invite.respond(200, sdp: SDP.answer()).contactURI
            let ack = try await attempt.call.request(.ack)
            #expect(ack.came(through: proxy), attempt.ladder)
            #expect(ack.message.requestURI == contact, attempt.ladder)
            try await attempt.reaches("Connected", id)

            for (status, ours, theirs) in [("Hold", "sendonly", "recvonly"), ("Resume", "sendrecv", "sendrecv")] {
                async let changed = attempt.put(id, ["status": .string(status)])
                let request = try await attempt.call.request(.invite) { $0.toTag != nil }
                #expect(request.came(through: proxy), attempt.ladder)
                #expect(request.message.requestURI == contact, attempt.ladder)
                #expect(request.message.bodyText.contains("a=\(ours)\r\n"), attempt.ladder)
                request.respond(200, sdp: SDP.answer().replacing("a=sendrecv", with: "a=\(theirs)"))
                #expect(try await changed.outcome == "200 \(status)", attempt.ladder)
                #expect(try await attempt.call.request(.ack).came(through: proxy), attempt.ladder)
            }

            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            let bye = try await attempt.call.request(.bye)
            #expect(bye.came(through: proxy), attempt.ladder)
            #expect(bye.message.requestURI == contact, attempt.ladder)
            bye.respond(200)
            try await attempt.reaches("Terminated", id)
        }
    }

    @Test("The far end holds, resumes and hangs up", arguments: ["+1", "+32"])
    func farEnd(prefix: String) async throws {
        try await withProxy { _ in
            let attempt = try scene().attempt(prefix)
            let (_, id) = try await attempt.connect()
            for (version, theirs, ours, status) in [
                (2, "sendonly", "recvonly", "Hold"), (3, "sendrecv", "sendrecv", "Resume"),
            ] {
                let offer = SDP.answer().replacing("a=sendrecv", with: "a=\(theirs)")
                    .replacing(" 1 IN", with: " \(version) IN")
                let response = try await attempt.call.send(.invite, sdp: offer).final()
                #expect(response.status == 200, attempt.ladder)
                #expect(response.bodyText.contains("a=\(ours)\r\n"), attempt.ladder)
                _ = try attempt.call.send(.ack, cseq: response.cseq?.number)
                try await attempt.reaches(status, id)
            }
            let bye = try attempt.call.send(.bye, headers: [.init("Reason", "Q.850;cause=16")])
            #expect(try await bye.final().status == 200, attempt.ladder)
            let session = try await attempt.reaches("Terminated", id)
            #expect(session["reason"]?.string?.contains("Q.850;cause=16") == true, attempt.ladder)
        }
    }

    @Test("A reliable 183: the PRACK takes the recorded route")
    func reliable() async throws {
        try await withProxy { proxy in
            let attempt = try scene().attempt()
            async let reply = attempt.post()
            let invite = try await attempt.call.invite()
            invite.respond(183, sdp: SDP.answer(), reliable: 71)
            let prack = try await attempt.call.request(.prack)
            #expect(prack.came(through: proxy), attempt.ladder)
            #expect(prack.message["RAck"]?.hasPrefix("71 ") == true, attempt.ladder)
            prack.respond(200)
            let response = try await reply
            #expect(response.outcome == "201 InProgress", attempt.ladder)
            let id = try attempt.sessionID(of: response)
            invite.respond(200)
            #expect(try await attempt.call.request(.ack).came(through: proxy), attempt.ladder)
            try await attempt.reaches("Connected", id)
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            try await attempt.call.acceptBye()
            try await attempt.reaches("Terminated", id)
        }
    }

    @Test("The application gives up: CANCEL hop by hop")
    func cancelled() async throws {
        try await withProxy { _ in
            let attempt = try scene().attempt()
            let (invite, id) = try await attempt.ring()
            #expect(try await attempt.delete(id).status == 204, attempt.ladder)
            try await attempt.call.acceptCancel(of: invite)
            _ = try await attempt.call.request(.ack)
            try await attempt.reaches("SessionCancelled", id)
        }
    }

    @Test("Refusals come through", arguments: [(486, "422 SERVICE_NOT_APPLICABLE"), (404, "404 IDENTIFIER_NOT_FOUND")])
    func refused(status: Int, outcome: String) async throws {
        try await withProxy { _ in
            let attempt = try scene().attempt()
            async let reply = attempt.post()
            try await attempt.call.invite().respond(status)
            #expect(try await reply.outcome == outcome, attempt.ladder)
            // The proxy's own ACK: refusals are acknowledged hop by hop.
            _ = try await attempt.call.request(.ack)
        }
    }
}
