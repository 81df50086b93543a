/// The keys below `sip.tls`.
enum TLSKeys {
    static let section = SectionKey(
        "sip.tls", "SIP over TLS, 1.2 and 1.3. Its files are read again on reload, for connections from then on.")
    static let certificate = Key.required(
        with: "a `tls:` listener", "sip.tls.certificate", .certificatesPath,
        "Our certificate, then what leads from it to the root. It is shown to peers at both ends of a connection.")
    static let key = Key.required(with: "a `tls:` listener", "sip.tls.key", .keyPath, "The certificate's key.")
    static let ca = Key.optional(
        "sip.tls.ca", .certificatesPath, default: "the system's authorities",
        "The authorities that peers' certificates must come from.")
    static let verify = Key(
        "sip.tls.verify", .bool, default: true,
        "Whether a peer we connect to must be certified by `ca`, under its host's name (RFC 5922); where that is an address, "
            + "under the trunk's `domain`, or under the address if that is no name. `false` warns.")
    static let requireClientCertificate = Key(
        "sip.tls.requireClientCertificate", .bool, default: false,
        "Whether who connects to us must be certified by `ca`, which must be given.")

    static let rows: [Row] = [
        section.row, certificate.row, key.row, ca.row, verify.row, requireClientCertificate.row,
    ]
}

extension Configuration.TLS {
    /// Nil without a TLS listener, where nothing may be given, and after a problem, which has been reported.
    init?(_ section: Section, listen: [SIPListener]) {
        let certificate = section.value(TLSKeys.certificate)
        let key = section.value(TLSKeys.key)
        ca = section.value(TLSKeys.ca)
        verifiesPeers = section.value(TLSKeys.verify)
        requiresClientCertificate = section.value(TLSKeys.requireClientCertificate)
        guard listen.contains(where: { $0.transport == .tls }) else {
            let isMeant = !verifiesPeers || requiresClientCertificate || section.has(TLSKeys.ca)
            if isMeant || section.has(TLSKeys.certificate) || section.has(TLSKeys.key) {
                section.report(
                    section.position,
                    "\(section.label): no listener uses it; add tls:IP:PORT to sip.listen or remove it")
            }
            return nil
        }
        section.require([TLSKeys.certificate, TLSKeys.key])
        if !verifiesPeers {
            section.warn(
                TLSKeys.verify,
                "false: whoever answers at a peer's address is believed to be the peer; give sip.tls.ca and remove it")
        }
        if requiresClientCertificate, !section.has(TLSKeys.ca) {
            section.report(
                TLSKeys.requireClientCertificate,
                "needs sip.tls.ca: the system's authorities certify anybody; name the authority of your peers")
        }
        guard let certificate, let key else { return nil }
        section.check(TLSKeys.key, at: key, of: TLSKeys.certificate, at: certificate)
        self.certificate = certificate
        self.key = key
    }
}
