/// Who a session belongs to: the client that made it and, with a three-legged token, the user it acts for.
/// A session is visible to its owner alone (camara-rules, "Tokens").
public struct SessionOwner: Hashable, Sendable {
    /// The client id of the token, or `anonymous` where the API runs without authentication.
    public var client: String
    /// The verified phone number of a three-legged token; nil for a two-legged one.
    public var user: PhoneNumber?

    /// No caller: every client's name has a byte at least. A look-up that finds nothing compares with it, so that it takes
    /// as long as one that finds what is somebody else's.
    package static let nobody = SessionOwner(client: "")

    /// Takes every value as given.
    public init(client: String, user: PhoneNumber? = nil) {
        self.client = client
        self.user = user
    }
}
