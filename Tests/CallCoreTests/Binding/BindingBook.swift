@testable import CallCore

/// A binding with a clock in seconds.
struct BindingBook {
    private var binding: RegistrarBinding
    private(set) var nanoseconds: UInt64 = 0

    init(isStanding: Bool) { binding = RegistrarBinding(RegistrationPolicy(), isStanding: isStanding) }

    var now: Double { Double(nanoseconds) / 1e9 }
    var condition: RegistrarBinding.Condition? { binding.condition(at: nanoseconds) }
    /// When it wants to be told that the time has come.
    var wakes: Double? { binding.wake.map { Double($0) / 1e9 } }

    private static func time(_ seconds: Double) -> UInt64 { UInt64(seconds * 1e9) }

    mutating func pass(_ seconds: Double) { nanoseconds += BindingBook.time(seconds) }

    mutating func tell(_ event: RegistrarBinding.Event, draw: UInt64 = 0) -> [RegistrarBinding.Action] {
        binding.handle(event, at: nanoseconds, draw: draw)
    }

    mutating func want() -> [RegistrarBinding.Action] { tell(.want(until: .max, kept: nil)) }

    mutating func want(until: Double, kept: Double? = nil) -> [RegistrarBinding.Action] {
        tell(.want(until: BindingBook.time(until), kept: kept.map(BindingBook.time)))
    }

    mutating func answer(
        _ status: Int, isInternal: Bool = false, granted: UInt32? = nil, minExpires: UInt32? = nil,
        retryAfter: UInt32? = nil, isAnswerable: Bool = false, hasNext: Bool = false, draw: UInt64 = 0
    ) -> [RegistrarBinding.Action] {
        let answer = RegisterAnswer(
            status: status, isInternal: isInternal, granted: granted, minExpires: minExpires, retryAfter: retryAfter,
            isAnswerable: isAnswerable, hasNext: hasNext)
        return tell(.answered(answer), draw: draw)
    }

    /// The time it wants to be told of comes.
    mutating func due() -> [RegistrarBinding.Action] {
        if let wake = binding.wake { nanoseconds = max(nanoseconds, wake) }
        return tell(.due)
    }
}

extension RegistrarBinding.Action {
    static func granted(_ seconds: Double) -> RegistrarBinding.Action {
        .answer(.granted(until: UInt64(seconds * 1e9)))
    }
}
