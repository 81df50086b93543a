import Foundation

/// A system call on a socket that failed.
package struct SocketError: Error, CustomStringConvertible {
    /// The call and the error's text.
    package let description: String

    init(_ call: String) {
        description = "\(call): \(String(cString: strerror(errno)))"
    }

    init(explaining text: String) {
        description = text
    }
}
