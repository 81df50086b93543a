import CPEM

extension Configuration {
    /// What is allowed and hardly meant, a line each, `PATH: warning: …`; ``warnings`` first. Names no secret. Reads the
    /// certificate again.
    public func warnings(in path: String) -> [String] {
        warnings.map { $0.description(in: path) } + tlsWarnings.map { "\(path): warning: \($0)" }
    }

    private var tlsWarnings: [String] {
        var warnings: [String] = []
        guard let tls = sip.tls else { return warnings }
        if !tls.verifiesPeers {
            warnings.append(
                "sip.tls.verify: false: whoever answers at a peer's address is believed to be the peer; give sip.tls.ca and "
                    + "remove it")
        }
        if case .success(let bytes) = FileReading.read(tls.certificate), let seconds = PEMFile.secondsLeft(bytes) {
            if seconds < 0 {
                warnings.append("sip.tls.certificate: has expired: peers will refuse it; renew it and reload")
            } else if seconds < Self.soon {
                warnings.append("sip.tls.certificate: expires in \(seconds / 86_400) days; renew it and reload")
            }
        }
        return warnings
    }

    /// Two weeks.
    private static let soon: Int64 = 14 * 86_400
}

extension PEMFile {
    /// How long the first certificate is valid for; negative if it has expired, nil if it cannot be read.
    static func secondsLeft(_ bytes: [UInt8]) -> Int64? {
        let seconds = bytes.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { pem_seconds_left($0, buffer.count) } ?? .max
        }
        return seconds == .max ? nil : seconds
    }
}
