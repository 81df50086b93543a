import CSofiaSIP

/// The certificates of SIP over TLS (configuration `sip.tls`): paths of files in PEM.
public struct TLSFiles: Sendable, Equatable {
    /// Why files cannot be used.
    public struct Unusable: Error, CustomStringConvertible, Sendable, Equatable {
        /// `sip.tls: ` and what is wrong.
        public let description: String
    }

    /// Ours, and what leads from it to the root.
    public var certificate: String
    /// The certificate's.
    public var key: String
    /// Whom we trust; nil: the system's authorities.
    public var ca: String?
    /// Of connections that we open.
    public var verifiesPeers: Bool
    /// Of connections that are opened to us.
    public var requiresClientCertificate: Bool

    /// Takes every value as given.
    public init(
        certificate: String, key: String, ca: String? = nil, verifiesPeers: Bool = true,
        requiresClientCertificate: Bool = false
    ) {
        self.certificate = certificate
        self.key = key
        self.ca = ca
        self.verifiesPeers = verifiesPeers
        self.requiresClientCertificate = requiresClientCertificate
    }

    /// What has been read of the files, ready to be used once.
    struct Loaded: ~Copyable, @unchecked Sendable {
        // Unchecked: it is handed over whole, and nobody else has it.
        private let handle: OpaquePointer

        fileprivate init(_ handle: OpaquePointer) { self.handle = handle }

        deinit { csip_tls_free(handle) }

        /// The caller owns it from now on.
        consuming func take() -> OpaquePointer {
            let taken = handle
            discard self
            return taken
        }
    }

    /// Reads the files and forgets them again. Blocks on them.
    public func check() throws(Unusable) { _ = try load() }

    /// Reads the files. Blocks on them.
    func load() throws(Unusable) -> Loaded {
        var reason = [CChar](repeating: 0, count: 256)
        let handle = withCStrings([certificate, key], [ca]) { strings, optional in
            var files = csip_tls_files(
                certificate: strings[0], key: strings[1], ca: optional[0], verifies_peers: verifiesPeers,
                requires_client_certificate: requiresClientCertificate)
            return csip_tls_create(&files, &reason, reason.count)
        }
        guard let handle else {
            let text = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            throw Unusable(description: "sip.tls: \(text)")
        }
        return Loaded(handle)
    }
}
