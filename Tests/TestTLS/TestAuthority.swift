import CTestTLS
import Foundation

/// A certificate authority of one test, and the files of what it has certified. Removed with it.
package final class TestAuthority: @unchecked Sendable {
    // Unchecked: OpenSSL's objects are only read once they are made.
    /// Why something could not be made.
    package struct Failure: Error {
        package let description: String

        package init(description: String) { self.description = description }
    }

    /// A certificate and its key, in PEM.
    package struct Pair: Sendable {
        package let certificate: String
        package let key: String
    }

    /// For the functions of CTestTLS.
    package let handle: OpaquePointer
    private let folder: URL
    /// The authority's certificate in PEM.
    package let ca: String

    package init() throws {
        guard let handle = test_authority_create() else { throw Failure(description: "no certificate authority") }
        self.handle = handle
        folder = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString)")
        ca = folder.appending(path: "ca.pem").path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard test_authority_write(handle, ca) == 0 else { throw Failure(description: "cannot write \(ca)") }
    }

    deinit {
        test_authority_free(handle)
        try? FileManager.default.removeItem(at: folder)
    }

    /// A pair of files called `file`, which are written over if there are any.
    /// - Parameter names: a subjectAltName value such as `DNS:ims.example,IP:127.0.0.1`.
    package func issue(
        _ file: String, names: String, lasting: Duration = .seconds(86_400), selfSigned: Bool = false
    ) throws -> Pair {
        let pair = Pair(
            certificate: folder.appending(path: file + ".pem").path, key: folder.appending(path: file + ".key").path)
        let seconds = Int(lasting.components.seconds)
        guard test_authority_issue(selfSigned ? nil : handle, names, seconds, pair.certificate, pair.key) == 0 else {
            throw Failure(description: "cannot issue \(names)")
        }
        return pair
    }
}
