import Synchronization

/// Telephone numbers to dial, each given once, so that tests that run at the same time do not meet.
enum Numbers {
    private static let last = Mutex(0)

    /// `prefix` and digits, twelve digits in all.
    static func next(_ prefix: String) -> String {
        let number = last.withLock { last in
            last += 1
            return last
        }
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, 13 - prefix.count - digits.count)) + digits
    }
}
