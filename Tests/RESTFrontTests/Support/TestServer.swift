import CallCore
import Foundation

@testable import RESTFront

/// Runs `body` against a live server and stops it afterwards, whatever `body` came to.
func withServer(
    calls: FakeCalls = FakeCalls(), authenticator: any Authenticator = InsecureAuthenticator(),
    listen: ListenAddress = .tcp(host: "127.0.0.1", port: 0),
    configure: (inout RESTServer.Options) -> Void = { _ in },
    _ body: (ListenAddress, FakeCalls) async throws -> Void
) async throws {
    var options = RESTServer.Options(listen: [listen])
    configure(&options)
    let server = RESTServer(options: options, calls: calls, authenticator: authenticator)
    let addresses = try server.start()
    do {
        try await body(addresses[0], calls)
    } catch {
        await server.stop(within: .seconds(1))
        throw error
    }
    await server.stop(within: .seconds(5))
}

/// Bodies and texts the tests share.
enum Sample {
    static let sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/SAVPF 0\r\n"

    static let offer =
        #""offer":{"sdp":"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/SAVPF 0\r\n"}"#

    static let originator = #""originatorAddress":"tel:+17085852753""#
    static let receiver = #""receiverAddress":"tel:+17085854000""#

    /// A body every dialect accepts.
    static let create = "{\(originator),\(receiver),\(offer)}"

    /// A live session of the insecure client.
    static func session(
        _ id: String = "0AEE1B58", owner: SessionOwner = SessionOwner(client: "anonymous"),
        status: SessionStatus = .connected, callType: CallType? = nil
    ) -> Session {
        Session(
            id: SessionID(rawValue: id), owner: owner, originatorAddress: "tel:+17085852753",
            receiverAddress: "tel:+17085854000", callType: callType, offer: try? SessionDescription(sdp), status: status
        )
    }
}
