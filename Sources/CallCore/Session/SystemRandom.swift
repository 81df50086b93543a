#if canImport(Glibc)
import Glibc
#endif

/// The system's cryptographic generator, drawn 256 bytes at a time: an id costs a copy, not a system call.
/// A value type: copies share nothing but would repeat the same bytes, so keep one and pass it `inout`.
public struct SystemRandom: RandomNumberGenerator, Sendable {
    private var pool: [UInt64] = []

    /// An empty pool; the first draw fills it.
    public init() {}

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        if let value = pool.popLast() { return value }
        pool = [UInt64](unsafeUninitializedCapacity: 32) { buffer, count in
            // getentropy fails only for more than 256 bytes, or before the kernel's pool exists; then the slower way.
            if getentropy(buffer.baseAddress, 32 * MemoryLayout<UInt64>.size) != 0 {
                var system = SystemRandomNumberGenerator()
                for index in 0..<32 { buffer[index] = system.next() }
            }
            count = 32
        }
        return pool.removeLast()
    }
}
