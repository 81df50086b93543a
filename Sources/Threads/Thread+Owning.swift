import Foundation
import Synchronization

extension Thread {
    /// Starts a thread that owns a value: whoever made it has it no more, and it never leaves the thread.
    ///
    /// For what a library allows one thread alone, such as an event loop: it is made, and may fail, where the caller can be
    /// told, and is used elsewhere. Any thread; returns at once.
    /// - Parameters:
    ///   - name: the thread's, as debuggers and `top -H` show it.
    ///   - stackSize: in bytes; nil for what the system gives.
    ///   - value: what the thread owns until `body` returns.
    ///   - body: what the thread does, once.
    public static func start<Value>(
        name: String, stackSize: Int? = nil, owning value: sending Value, _ body: @escaping @Sendable (Value) -> Void
    ) {
        let handover = Handover(value)
        let thread = Thread { handover.take().map(body) }
        thread.name = name
        if let stackSize { thread.stackSize = stackSize }
        thread.start()
    }
}

/// A value on its way to another thread: put in once, taken out once.
private final class Handover<Value>: Sendable {
    private let value: Mutex<Value?>

    init(_ value: sending Value) { self.value = Mutex(value) }

    func take() -> sending Value? {
        value.withLock { value in
            defer { value = nil }
            return value
        }
    }
}
