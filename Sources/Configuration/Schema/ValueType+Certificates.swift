import CPEM

extension ValueType where Value == String {
    /// Certificates in PEM; the value is their path, absolute or relative to the working folder.
    static var certificatesPath: ValueType {
        pem(allowed: "path of a file with certificates in PEM") { pem_certificates_problem($0, $1) }
    }

    /// A private key in PEM, not encrypted; the value is its path, absolute or relative to the working folder.
    static var keyPath: ValueType {
        pem(allowed: "path of a file with a private key in PEM, not encrypted") { pem_key_problem($0, $1) }
    }

    /// A file whose content `problem` finds nothing wrong with. No message quotes any of it.
    private static func pem(
        allowed: String, problem: @escaping @Sendable (UnsafePointer<UInt8>, Int) -> UnsafePointer<CChar>?
    ) -> ValueType {
        .text(allowed: allowed, render: yamlText) { text, surroundings throws(Refusal) in
            let path = surroundings.resolve(text)
            switch surroundings.readFile(path) {
            case .failure(let problem): throw Refusal(problem.description)
            case .success(let bytes):
                if let found = PEMFile.problem(of: bytes, problem) { throw Refusal(found) }
            }
            return path
        }
    }
}

/// Certificates and keys of files that have been read.
enum PEMFile {
    /// Why `key` is not the key of `certificates`; nil if it is, or if one of them cannot be read, which is told of it.
    static func pairProblem(certificates: [UInt8], key: [UInt8]) -> String? {
        text(
            of: certificates.withUnsafeBufferPointer { certificates in
                key.withUnsafeBufferPointer { key in
                    guard let first = certificates.baseAddress, let second = key.baseAddress else { return nil }
                    return pem_pair_problem(first, certificates.count, second, key.count)
                }
            })
    }

    /// What `problem` finds wrong with a file; the library's texts are constants.
    static func problem(
        of bytes: [UInt8], _ problem: (UnsafePointer<UInt8>, Int) -> UnsafePointer<CChar>?
    ) -> String? {
        // An empty array may have no address.
        text(of: (bytes + [0]).withUnsafeBufferPointer { $0.baseAddress.flatMap { problem($0, bytes.count) } })
    }

    private static func text(of problem: UnsafePointer<CChar>?) -> String? { problem.map { String(cString: $0) } }
}
