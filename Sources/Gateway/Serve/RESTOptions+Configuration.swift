import CallCore
import Configuration
import RESTFront

extension RESTServer.Options {
    /// The HTTP side as the checked configuration describes it.
    init(_ configuration: Configuration, log: Log) throws {
        let addresses = try configuration.api.listen.map { try ListenAddress($0.description) }
        self.init(listen: addresses)
        tls = try configuration.api.tls.map {
            try ServerTLS(certificate: $0.certificate, key: $0.key, clientCA: $0.clientCA)
        }
        prefix = configuration.api.prefix
        limits.body = configuration.api.maxBody
        emergencyNumbers = try EmergencyNumbers(configuration.emergency.numbers)
        takesEmergencyCalls = !configuration.emergency.trunks.isEmpty
        takesLocations = configuration.trunks.contains { $0.headers.location }
        let perClient = configuration.api.limits
        clientLimits = ClientLimits(
            requestsPerSecond: perClient.requestsPerSecond, burst: perClient.burst, sessions: perClient.sessions)
        version = Product.version
        security = configuration.api.authentication.described
        onRequest = { request in
            // A busy gateway answers thousands of requests a second: only what went wrong on our side is told by itself.
            let fields: () -> [LogField] = {
                [
                    LogField("method", .text(request.method.rawValue)), LogField("route", .text(request.route)),
                    LogField("status", .integer(request.status)), LogField("duration", .duration(request.duration)),
                    .correlator(request.correlator), .mediaSessionID(request.session?.rawValue ?? ""),
                ]
            }
            // Of many calls refused for want of time the first is told, and how many there were (``Log/tell(_:)``).
            if request.status >= 500, !request.isRefusedForLoad {
                log.warning("request", fields())
            } else {
                log.debug("request", fields())
            }
        }
        let telling = Seldom(every: .seconds(10))
        onTLSFailure = { failure in
            guard telling.isDue() else { return }
            log.info(
                "no TLS connection with a client", [LogField("client", .text(failure.client)), .reason(failure.reason)])
        }
        let warning = Seldom(every: .seconds(10))
        onRefusal = { client in
            guard warning.isDue() else { return }
            log.warning(
                "a client has more connections to the API than one may have", [LogField("client", .text(client))])
        }
    }
}

extension Configuration.Authentication {
    /// How the API's description tells it.
    fileprivate var described: DescribedSecurity {
        switch self {
        case .insecure: .none
        // Only an issuer that is a web address can be asked for its endpoints (OpenID Connect Discovery 1.0 §4).
        case .jwt(let jwt): jwt.issuer.hasPrefix("https://") ? .issuer(jwt.issuer) : .bearer
        case .introspection: .bearer
        }
    }
}
