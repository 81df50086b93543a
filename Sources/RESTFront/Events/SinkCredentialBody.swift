import CallCore
import Foundation

/// CAMARA's `SinkCredential` and `AccessTokenCredential` as they came. r2.2's examples have `accessTokenExpireUtc`.
struct SinkCredentialBody: Decodable, Sendable {
    var credentialType = Property<String>.absent
    var accessToken = Property<String>.absent
    var accessTokenType = Property<String>.absent
    var accessTokenExpiresUtc = Property<String>.absent
    var accessTokenExpireUtc = Property<String>.absent
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "credentialType": credentialType = container.property(key)
            case "accessToken": accessToken = container.property(key)
            case "accessTokenType": accessTokenType = container.property(key)
            case "accessTokenExpiresUtc": accessTokenExpiresUtc = container.property(key)
            case "accessTokenExpireUtc": accessTokenExpireUtc = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }

    /// The credential, if it is one the gateway can present. The type comes first: what else belongs to a credential depends
    /// on it. No error repeats the token.
    func credential(_ dialect: EventsDialect, now: Date) throws(CAMARAError) -> SinkCredential {
        let parent = "sinkCredential"
        let type = try PropertyCheck.required(credentialType, "\(parent).credentialType", type: "a string")
        guard type == "ACCESSTOKEN" else {
            throw CAMARAError(400, .invalidCredential, "\(parent).credentialType must be ACCESSTOKEN.")
        }
        if dialect.refusesUnknownProperties { try PropertyCheck.refuse(unknown, in: parent) }
        let tokenType = try PropertyCheck.required(accessTokenType, "\(parent).accessTokenType", type: "a string")
        guard tokenType == "bearer" else {
            throw CAMARAError(400, .invalidToken, "\(parent).accessTokenType must be bearer.")
        }
        let token = try PropertyCheck.required(accessToken, "\(parent).accessToken", type: "a string")
        let isMisspelt =
            dialect.acceptsAccessTokenExpireUtc && accessTokenExpireUtc.isPresent && !accessTokenExpiresUtc.isPresent
        let (expires, name) =
            isMisspelt
            ? (accessTokenExpireUtc, "\(parent).accessTokenExpireUtc")
            : (accessTokenExpiresUtc, "\(parent).accessTokenExpiresUtc")
        guard let expiry = try SubscriptionBody.future(expires, name, now: now)
        else { throw .property(name, "is required") }
        do throws(SinkCredential.Malformed) {
            return try SinkCredential(accessToken: token, expiresAt: expiry)
        } catch {
            throw .invalidArgument("\(parent).\(error).")
        }
    }
}
