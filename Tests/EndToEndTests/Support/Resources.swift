import Foundation

/// Files of this folder that tests send or run.
enum Resources {
    /// The request of the published example, byte for byte.
    static func seedRequest() throws -> [UInt8] {
        try bytes("Resources/seed-request.json")
    }

    /// The torture messages of RFC 4475 by name, such as `TC_BADVERS_V`.
    static let tortureMessages: [String] = {
        let folder = path("Resources")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.filter { $0.hasSuffix(".dat") }.map { String($0.dropLast(4)) }.sorted()
    }()

    static func torture(_ name: String) throws -> [UInt8] {
        try bytes("Resources/\(name).dat")
    }

    /// A file's path.
    static func path(_ name: String) -> String {
        Bundle.module.bundleURL.appending(path: name).path
    }

    private static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path(name))))
    }
}
