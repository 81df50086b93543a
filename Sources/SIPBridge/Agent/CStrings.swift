/// Strings as C strings, for one call; nothing is copied.
package func withCStrings<let count: Int, Result>(
    _ texts: InlineArray<count, String>, _ body: (InlineArray<count, UnsafePointer<CChar>>) -> Result
) -> Result {
    var pointers = InlineArray<count, UnsafePointer<CChar>?>(repeating: nil)
    func next(_ place: Int) -> Result {
        // Unsafe by name only: by now each place has been filled.
        guard place < count else { return body(InlineArray { pointers[$0].unsafelyUnwrapped }) }
        return texts[place].withCString {
            pointers[place] = $0
            return next(place + 1)
        }
    }
    return next(0)
}

/// A string as a C string, for one call; NULL where it is missing.
package func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let text else { return body(nil) }
    return text.withCString { body($0) }
}
