import CPEM

/// A certificate and its key, each in a file of its own.
extension Section {
    /// Reports those of the files that the section does not name.
    func require(_ files: [Key<String?>]) {
        for file in files where !has(file) { reportMissing(file.name, allowed: file.type.allowed) }
    }

    /// Reports what is wrong with two files that could be read each, and warns of a certificate that ends soon.
    /// - Parameters:
    ///   - keyPath: where the key's file is.
    ///   - certificatePath: where the certificate's is.
    func check(
        _ key: Key<String?>, at keyPath: String, of certificate: Key<String?>, at certificatePath: String
    ) {
        guard case .success(let first) = readFile(certificatePath), case .success(let second) = readFile(keyPath) else {
            return
        }
        if let problem = PEMFile.pairProblem(certificates: first, key: second) { report(key, problem) }
        if let problem = PEMFile.problem(of: first, { pem_strength_problem($0, $1) }) { report(certificate, problem) }
        guard let seconds = PEMFile.secondsLeft(first) else { return }
        if seconds < 0 {
            warn(certificate, "has expired: it will be refused; renew it and reload")
        } else if seconds < Section.soon {
            warn(certificate, "expires in \(seconds / 86_400) days; renew it and reload")
        }
    }

    /// Two weeks.
    private static let soon: Int64 = 14 * 86_400
}

extension PEMFile {
    /// How long the first certificate is valid for; negative if it has expired, nil if it cannot be read.
    fileprivate static func secondsLeft(_ bytes: [UInt8]) -> Int64? {
        let seconds = bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { pem_seconds_left($0, buffer.count) } ?? .max
        }
        return seconds == .max ? nil : seconds
    }
}
