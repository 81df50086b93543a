import CSofiaSIP
import TestPeer
import TestTLS
import Testing

@testable import SIPBridge

@Suite("What connections over TLS are made with")
struct TLSFilesTests {
    @Test(
        "The 1.12 series of Sofia-SIP alone",
        arguments: [
            ("sofia-sip-1.12.11devel", true), ("sofia-sip-1.12.11", true), ("sofia-sip-1.13.17", false),
            ("sofia-sip-1.120.1", false), ("sofia-sip-2.0", false), ("", false),
        ])
    func series(name: String, fits: Bool) {
        #expect(csip_streams_fit(name) == fits)
    }

    @Test("Files are looked at without being used")
    func check() throws {
        let certificates = try TestAuthority()
        let one = try certificates.issue("one", names: "DNS:a.example")
        let other = try certificates.issue("other", names: "DNS:b.example")
        try TLSFiles(certificate: one.certificate, key: one.key, ca: certificates.ca).check()
        let error = #expect(throws: TLSFiles.Unusable.self) {
            try TLSFiles(certificate: one.certificate, key: other.key).check()
        }
        #expect(error?.description.hasPrefix("sip.tls: the key cannot be used") == true)
    }

    /// The system's authorities certify everybody: a certificate of theirs lets nobody in.
    @Test("Whose certificates are demanded is named")
    func demandWithoutAuthorities() throws {
        let certificates = try TestAuthority()
        let one = try certificates.issue("one", names: "DNS:a.example")
        var files = TLSFiles(certificate: one.certificate, key: one.key)
        files.requiresClientCertificate = true
        let error = #expect(throws: TLSFiles.Unusable.self) { try files.check() }
        withExtendedLifetime(certificates) {}
        #expect(
            error?.description
                == "sip.tls: certificates of clients cannot be demanded without authorities of the gateway's own")
    }
}
