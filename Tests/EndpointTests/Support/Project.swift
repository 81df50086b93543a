import Foundation

/// The files of the project that tests hold against the program.
enum Project {
    /// The folder of Package.swift: three above this file.
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    static func bytes(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: path)))
    }

    /// The names of the files of a folder that end in `suffix`, in order.
    static func names(in folder: URL, ending suffix: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(suffix) }.sorted()
    }

    /// The offer of the example call.
    static func exampleOffer() throws -> String {
        struct Body: Decodable {
            struct Offer: Decodable { let sdp: String }
            let offer: Offer
        }
        return try JSONDecoder().decode(Body.self, from: Data(bytes("config/demo-call.json"))).offer.sdp
    }
}
