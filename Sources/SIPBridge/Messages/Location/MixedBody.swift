/// A session description and a location in one body (RFC 5621; RFC 6442 §4.1).
struct MixedBody {
    /// Of the whole body, with its boundary.
    let contentType: String
    let text: String
    /// The header lines that point to the location's part.
    let headers: String

    /// - Parameters:
    ///   - name: random text of letters and digits; nothing else in the parts may hold it.
    ///   - host: ours; with `name` the location's Content-ID.
    init(description: String, location: String, name: String, host: String) {
        contentType = "multipart/mixed;boundary=\"\(name)\""
        headers = LocationHeaders.lines(name: name, host: host)
        // Who cannot read the location is still to take the call (RFC 5621 §7.1).
        text =
            "--\(name)\r\nContent-Type: application/sdp\r\n\r\n\(description)\r\n--\(name)\r\n"
            + "Content-Type: \(LocationDocument.contentType)\r\nContent-ID: <\(name)@\(host)>\r\n"
            + "Content-Disposition: by-reference;handling=optional\r\n\r\n\(location)\r\n--\(name)--\r\n"
    }
}

/// The headers that say where in the message a location is (RFC 6442 §4.1).
enum LocationHeaders {
    static func lines(name: String, host: String) -> String {
        "Geolocation: <cid:\(name)@\(host)>\nGeolocation-Routing: yes"
    }
}
