/// Why libcurl cannot be used on this machine.
public enum CurlError: Error, Equatable, Sendable, CustomStringConvertible {
    /// libcurl has no TLS, or resolves names on the calling thread.
    case unsuitableLibrary(missing: String)
    /// The configured CA file, or the system's certificates where none is configured.
    case unreadableCertificates(path: String)
    /// libcurl refused an option or gave no handle.
    case library(String)

    /// The cause and its remedy.
    public var description: String {
        switch self {
        case .unsuitableLibrary(let missing):
            "libcurl was built without \(missing); install the distribution's libcurl4 package"
        case .unreadableCertificates(let path):
            "the certificates in \(path) cannot be read; configure a readable CA file, or install ca-certificates"
        case .library(let reason): "libcurl: \(reason)"
        }
    }
}
