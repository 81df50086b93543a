import Glibc
import Resolver

extension DNSRecord {
    /// The address as text, IPv6 without brackets; nil for other records.
    var numericHost: String? {
        let (family, bytes): (Int32, [UInt8])
        switch content {
        case .a(let v4): (family, bytes) = (AF_INET, v4)
        case .aaaa(let v6): (family, bytes) = (AF_INET6, v6)
        case .srv, .naptr: return nil
        }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return inet_ntop(family, bytes, &text, socklen_t(text.count)).map { String(cString: $0) }
    }
}
