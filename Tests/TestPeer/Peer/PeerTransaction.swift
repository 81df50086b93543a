/// A request the peer has sent, and the responses to it.
package final class PeerTransaction: Sendable {
    /// As it was sent.
    package let request: WireMessage
    private let responses = Mailbox<WireMessage>()
    private let wire: Wire

    init(_ request: WireMessage, wire: Wire) {
        self.request = request
        self.wire = wire
    }

    func receive(_ response: WireMessage) {
        wire.add(.fromGateway, response.summary, text: response.text)
        responses.put(response)
    }

    /// Whether any response has come that was not taken.
    package var hasResponse: Bool { !responses.values.isEmpty }

    /// The responses that have come and were not taken: their status.
    package var statuses: [Int] { responses.values.compactMap(\.status) }

    /// Takes the first response with this status.
    /// - Throws: ``PatienceLost`` if none comes.
    package func response(_ status: Int, within patience: Duration = Patience.standard) async throws -> WireMessage {
        guard let response = await responses.next(within: patience, where: { $0.status == status }) else {
            throw PatienceLost("\(status) to \(request.summary)", ladder: wire.ladder)
        }
        return response
    }

    /// The first final response.
    /// - Throws: ``PatienceLost`` if none comes.
    package func final(within patience: Duration = Patience.standard) async throws -> WireMessage {
        guard let response = await responses.next(within: patience, where: { ($0.status ?? 0) >= 200 }) else {
            throw PatienceLost("final response to \(request.summary)", ladder: wire.ladder)
        }
        return response
    }
}
