import CTestTLS
import Foundation

/// A certificate authority made for one test run, and the file that clients trust it by.
package final class TestAuthority: @unchecked Sendable {
    // Unchecked: OpenSSL's objects are only read once they are made.
    /// Why no authority or server could be made.
    package struct Failure: Error { package let description: String }

    let handle: OpaquePointer
    /// The authority's certificate in PEM.
    package let file: String
    private let folder: URL

    package init() throws {
        guard let handle = test_authority_create() else { throw Failure(description: "no certificate authority") }
        self.handle = handle
        folder = FileManager.default.temporaryDirectory.appending(path: "sink-authority-\(UUID().uuidString)")
        file = folder.appending(path: "ca.pem").path
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        guard test_authority_write(handle, file) == 0 else { throw Failure(description: "cannot write \(file)") }
    }

    deinit {
        test_authority_free(handle)
        try? FileManager.default.removeItem(at: folder)
    }
}
