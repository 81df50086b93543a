import CallCore
import Foundation

/// Writes events as the JSON that is sent. Not for several threads at once.
public final class EventEncoder {
    private let encoder: JSONEncoder

    /// An encoder that is used again and again.
    public init() {
        encoder = JSONEncoder()
        // SDP and URLs are full of slashes; escaping them is allowed and useless (RFC 8259 §7).
        encoder.outputFormatting = .withoutEscapingSlashes
    }

    /// The body of the POST.
    /// - Throws: what `JSONEncoder` throws; of a ``CallCore/CloudEvent``, nothing.
    public func encode(_ event: CloudEvent) throws -> Data {
        try encoder.encode(event)
    }
}
