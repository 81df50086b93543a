import CallCore
import Foundation
import Synchronization
import Testing

@testable import Services

/// Numbers with an account in the network: what it grants, refuses and ends.
@Suite struct RegistrarAccountTests {
    /// A network that answers as it is told.
    private final class Network: NumberAccounts {
        struct Request: Equatable {
            var time: Duration
            var kept: Duration?
        }

        private struct State {
            var answer: Result<Duration, CAMARAError> = .success(.seconds(600))
            var requests: [Request] = []
            var released: [PhoneNumber] = []
            var resumed: [PhoneNumber: Duration] = [:]
            /// How many numbers at a time.
            var resumptions: [Int] = []
            /// Called before the answer.
            var meanwhile: (@Sendable () -> Void)?
        }
        private let state = Mutex(State())
        private let prefix: String

        init(prefix: String = "+1") { self.prefix = prefix }

        var requests: [Request] { state.withLock(\.requests) }
        var released: [String] { state.withLock { $0.released.map(\.text) } }
        var resumed: [PhoneNumber: Duration] { state.withLock(\.resumed) }

        var resumptions: [Int] { state.withLock(\.resumptions) }

        func answers(_ answer: Result<Duration, CAMARAError>) { state.withLock { $0.answer = answer } }
        func meanwhile(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.meanwhile = body } }

        func hasAccount(_ number: PhoneNumber) -> Bool { number.text.hasPrefix(prefix) }

        func register(
            _ number: PhoneNumber, for time: Duration, kept: Duration?,
            reply: @escaping @Sendable (Result<Duration, CAMARAError>) -> Void
        ) {
            let (answer, meanwhile) = state.withLock { state in
                state.requests.append(Request(time: time, kept: kept))
                return (state.answer, state.meanwhile)
            }
            meanwhile?()
            reply(answer)
        }

        func resume(_ numbers: [(number: PhoneNumber, time: Duration)]) {
            state.withLock { state in
                for (number, time) in numbers { state.resumed[number] = time }
                state.resumptions.append(numbers.count)
            }
        }

        func release(_ number: PhoneNumber) { state.withLock { $0.released.append(number) } }
    }

    private let office: Office
    private let network = Network()

    init() throws {
        office = try Office()
        office.registrar.start(accounts: network)
    }

    @Test func nothingIsPromisedBeyondWhatIsGranted() async throws {
        #expect(try await office.register().success().expiresAt == office.now + 600)
        #expect(network.requests == [.init(time: .seconds(3_600))])
        network.answers(.success(.seconds(9_999)))
        #expect(try await office.refresh("R1", until: office.now + 7_200).success().expiresAt == office.now + 7_200)
        #expect(network.requests.last == .init(time: .seconds(7_200), kept: .seconds(600)))
        await office.registrar.stop()
    }

    @Test func anotherNumberHasNoAccount() async throws {
        #expect(try await office.register(number: "+4930111111").success().expiresAt == office.now + 3_600)
        #expect(network.requests.isEmpty)
        _ = await office.end("R1")
        #expect(network.released.isEmpty)
        await office.registrar.stop()
    }

    @Test func whatIsRefusedIsNotRegistered() async throws {
        let refusal = RegistrationFailure.account(403).error
        network.answers(.failure(refusal))
        #expect(try await office.register().error == refusal)
        #expect(!office.isLive("R1"))
        network.answers(.success(.seconds(600)))
        try await office.register().success()
        network.answers(.failure(refusal))
        #expect(await office.refresh("R2").error == refusal)
        #expect(office.isLive("R2"), "as it was")
        await office.registrar.stop()
    }

    @Test func theLastRegistrationLeavesTheAccount() async throws {
        try await office.register("a").success()
        try await office.register("b").success()
        _ = await office.end("R1")
        #expect(network.released.isEmpty)
        _ = await office.end("R2")
        #expect(network.released == [Office.Sample.number])
        try await office.register("c").success()
        office.pass(seconds: 601)
        office.registrar.expireDue()
        #expect(network.released == [Office.Sample.number, Office.Sample.number])
        await office.registrar.stop()
    }

    @Test func anAccountThatIsAskedForIsNotLeft() async throws {
        try await office.register("a").success()
        network.meanwhile { [office] in
            office.registrar.end(RegistrationID(rawValue: "R1")) { _ in }
        }
        try await office.register("b").success()
        #expect(network.released.isEmpty)
        #expect(office.isLive("R2") && !office.isLive("R1"))
        await office.registrar.stop()
    }

    @Test func aRegistrationThatCouldNotBeStoredLeavesTheAccount() async throws {
        let small = try Office { $0.registrations = 1 }
        small.registrar.start(accounts: network)
        try await small.register("a", number: "+4930111111").success()
        #expect(try await small.register("b").error != nil)
        #expect(network.released == [Office.Sample.number])
        await small.registrar.stop()
        await office.registrar.stop()
    }

    @Test func whatTheNetworkEndsIsTold() async throws {
        try await office.register("a").success()
        try await office.register("b").success()
        office.registrar.networkEnded(try Office.Sample.phoneNumber(Office.Sample.number))
        #expect(
            office.ends == [.init(id: "R1", reason: .networkTerminated), .init(id: "R2", reason: .networkTerminated)])
        #expect(!office.isLive("R1") && !office.isLive("R2"))
        await office.registrar.stop()
    }

    @Test func whatIsLeftOfAnEarlierRunIsResumed() async throws {
        try await office.register("a", until: office.now + 300).success()
        try await office.register("b").success()
        try await office.register("c", number: "+4930111111").success()
        office.pass(seconds: 100)
        await office.registrar.resumeAccounts()
        #expect(network.resumed == [try Office.Sample.phoneNumber(Office.Sample.number): .seconds(500)])
        await office.registrar.stop()
    }

    /// They are looked at when it is their turn, fifty at a time.
    @Test func whatHasEndedMeanwhileIsNotResumed() async throws {
        for index in 0..<60 { try await office.register("d\(index)", number: "+1202555\(1000 + index)").success() }
        office.pausing { [office, network] in
            let resumed = Set(network.resumed.keys.map(\.text))
            for index in 0..<60 where !resumed.contains("+1202555\(1000 + index)") {
                _ = await office.end("R\(index + 1)")
            }
        }
        await office.registrar.resumeAccounts()
        #expect(network.resumed.count == 50)
        #expect(network.resumptions == [50])
        // Those without an account take nobody's turn.
        for index in 0..<60 { try await office.register("e\(index)", number: "+4930\(1000 + index)").success() }
        await office.registrar.resumeAccounts()
        #expect(network.resumptions == [50, 50])
        await office.registrar.stop()
    }

    @Test func whoAsksMeanwhileHasItDoneAgain() async throws {
        for index in 0..<60 { try await office.register("d\(index)", number: "+1202555\(1000 + index)").success() }
        office.pausing { [office, network] in
            if network.resumptions.count == 1 { await office.registrar.resumeAccounts() }
        }
        await office.registrar.resumeAccounts()
        #expect(network.resumptions == [50, 10, 50, 10])
        await office.registrar.resumeAccounts()
        #expect(network.resumptions.count == 6)
        await office.registrar.stop()
    }
}
