/// The keys of `admin` and `callRecords`.
enum AdminKeys {
    static let section = SectionKey("admin", "Health and metrics, for the operator (docs/monitoring.md).")
    static let listen = Key.optional(
        "admin.listen", .httpListener, default: "none",
        "Where `/livez`, `/readyz`, `/metrics`, `/calls` and `/trunks` are answered, to anybody who can connect: keep it "
            + "on a loopback or management address. Never where the API listens. Port 0 lets the system choose.")

    static let records = SectionKey("callRecords", "One record for each call that has ended (docs/monitoring.md).")
    static let path = Key.optional(
        "callRecords.path", .newFilePath, default: "the log",
        "The file that records are appended to, one JSON object a line; created if it is missing, its folder is not.")

    static let rows: [Row] = [section.row, listen.row, records.row, path.row]
}

extension Configuration.Admin {
    init(_ section: Section, api: [HTTPListener]) {
        listen = section.value(AdminKeys.listen)
        guard let listen else { return }
        let isShared =
            switch listen {
            case .tcp(_, port: 0): false
            case .tcp, .unix: api.contains(listen)
            }
        if isShared {
            section.report(
                AdminKeys.listen, "\(Quoted(listen.description)) is in api.listen; allowed: an address of its own")
        }
    }
}

extension Configuration.CallRecords {
    init(_ section: Section) {
        path = section.value(AdminKeys.path)
    }
}

extension ValueType where Value == String {
    /// A file to be written, whether it exists or not; the value is its path, absolute or relative to the working folder.
    static var newFilePath: ValueType {
        .text(allowed: "path of a file", render: yamlText) { text, surroundings throws(Refusal) in
            guard !text.isEmpty, !text.utf8.contains(0), !text.hasSuffix("/") else {
                throw Refusal("has no path of a file")
            }
            return surroundings.resolve(text)
        }
    }
}
