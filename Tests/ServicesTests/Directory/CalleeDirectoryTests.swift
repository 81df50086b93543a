import CallCore
import Testing

@testable import Services

/// Whom a number rings: the live registrations, each with its owner (mapping §3).
@Suite struct CalleeDirectoryTests {
    private func directory(_ office: Office, served: [String] = []) -> CalleeDirectory {
        CalleeDirectory(office.store, served: ServedNumbers(served))
    }

    private func number(_ text: String = Office.Sample.number) throws -> PhoneNumber {
        try Office.Sample.phoneNumber(text)
    }

    @Test func anUnservedNumberIsNotLookedUp() async throws {
        let office = try Office()
        _ = try await office.register().success()
        #expect(directory(office, served: ["+49"]).callees(of: try number()) == .notServed)
        #expect(directory(office, served: ["+1708"]).callees(of: try number()) != .notServed)
    }

    @Test func aNumberWithoutARegistrationIsUnregistered() async throws {
        let office = try Office()
        #expect(directory(office).callees(of: try number()) == .unregistered)
        _ = try await office.register(number: "+390612345").success()
        #expect(directory(office).callees(of: try number()) == .unregistered)
        #expect(directory(office, served: ["+1"]).callees(of: try number()) == .unregistered)
    }

    @Test func eachRegistrationIsADeviceOfItsOwner() async throws {
        let office = try Office()
        let directory = directory(office)
        _ = try await office.register("phone", user: Office.Sample.number).success()
        office.pass(seconds: 1)
        _ = try await office.register("phone", client: "other").success()
        office.pass(seconds: 1)
        _ = try await office.register("laptop").success()
        let address = "tel:\(Office.Sample.number)"
        func device(_ id: String, _ name: String, _ client: String, _ user: String?) throws -> InboundDevice {
            InboundDevice(
                owner: try Office.Sample.owner(client, user),
                device: SessionDevice(registrationID: RegistrationID(rawValue: id), deviceID: name),
                receiverAddress: address)
        }
        let expected = [
            try device("R1", "phone", "app", Office.Sample.number), try device("R2", "phone", "other", nil),
            try device("R3", "laptop", "app", nil),
        ]
        #expect(directory.callees(of: try number()) == .devices(expected))
    }

    @Test func whatHasEndedRingsNoMore() async throws {
        let office = try Office()
        let directory = directory(office)
        _ = try await office.register("first").success()
        office.pass(seconds: 30)
        _ = try await office.register("second").success()
        _ = await office.end("R1")
        guard case .devices(let left) = directory.callees(of: try number()) else {
            return #expect(Bool(false), "the second device is registered")
        }
        #expect(left.map(\.device.deviceID) == ["second"])
        // An end that nobody has found yet counts as well.
        office.pass(seconds: 86_400)
        #expect(directory.callees(of: try number()) == .unregistered)
    }

    /// A device that registers anew rings once, under its new registration.
    @Test func aDeviceThatRegistersAgainRingsOnce() async throws {
        let office = try Office()
        _ = try await office.register("phone").success()
        _ = try await office.register("phone").success()
        guard case .devices(let devices) = directory(office).callees(of: try number()) else {
            return #expect(Bool(false), "the device is registered")
        }
        #expect(devices.map(\.device.registrationID.rawValue) == ["R2"])
    }
}
