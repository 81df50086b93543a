/// Names one call in flight: a slot of the call table and how often that slot was used.
///
/// The reference is the dialled number (`+1`, five digits of slot, seven of use) and the tag our answers put in To, so
/// that every SIP message says which call it belongs to without a look-up.
struct CallReference: Equatable {
    static let digits = 12
    static let slots = 100_000
    private static let uses: UInt32 = 10_000_000

    let slot: Int
    let use: UInt32

    init(slot: Int, use: UInt32) {
        self.slot = slot
        self.use = use % CallReference.uses
    }

    /// Reads a reference back from its twelve digits.
    init(number: UInt64) {
        slot = Int(number / UInt64(CallReference.uses) % UInt64(CallReference.slots))
        use = UInt32(number % UInt64(CallReference.uses))
    }

    var number: UInt64 { UInt64(slot) * UInt64(CallReference.uses) + UInt64(use) }

    /// The reference in an E.164 number that begins with `+1`, given as its digits without the plus sign.
    static func dialled(_ bytes: UnsafePointer<UInt8>, limit: Int) -> CallReference? {
        guard limit > digits, bytes[0] == UInt8(ascii: "1") else { return nil }
        let (number, count) = Decimal.read(bytes + 1, limit: min(limit - 1, digits + 1))
        return count == digits ? CallReference(number: number) : nil
    }
}
