import Foundation

/// The address sanitizer (`scripts/test --sanitize=address`), which keeps what was freed for a while: resident memory says
/// nothing then, and everything takes longer.
enum Sanitizer {
    static let isOn = ProcessInfo.processInfo.environment["ASAN_OPTIONS"] != nil
}
