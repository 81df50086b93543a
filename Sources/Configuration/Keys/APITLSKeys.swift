/// The keys below `api.tls`.
enum APITLSKeys {
    static let section = SectionKey(
        "api.tls",
        "HTTPS, TLS 1.2 and 1.3, on all of `api.listen`; without it the API speaks HTTP. Its files are read again on reload, "
            + "for connections from then on.")
    static let certificate = Key.required(
        with: "`api.tls`", "api.tls.certificate", .certificatesPath,
        "The API's certificate, then what leads from it to the root.")
    static let key = Key.required(with: "`api.tls`", "api.tls.key", .keyPath, "The certificate's key.")
    static let clientCA = Key.optional(
        "api.tls.clientCA", .certificatesPath, default: "clients need no certificate",
        "The authorities that every client's certificate must come from (mutual TLS); one without is refused in the "
            + "handshake. Who a client is its token says all the same.")

    static let rows: [Row] = [section.row, certificate.row, key.row, clientCA.row]
}

extension Configuration.ServerTLS {
    /// From `api.tls`; nil after a problem, which has been reported.
    init?(_ section: Section) {
        let certificate = section.value(APITLSKeys.certificate)
        let key = section.value(APITLSKeys.key)
        clientCA = section.value(APITLSKeys.clientCA)
        section.require([APITLSKeys.certificate, APITLSKeys.key])
        guard let certificate, let key else { return nil }
        section.check(APITLSKeys.key, at: key, of: APITLSKeys.certificate, at: certificate)
        self.certificate = certificate
        self.key = key
    }
}
