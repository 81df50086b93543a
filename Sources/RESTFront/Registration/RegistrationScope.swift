/// The scopes of registration (camara-rules, "Scopes"). `read` exists since 0.4, as what it is needed for.
enum RegistrationScope: String {
    case create = "webrtc-registration:sessions:create"
    case read = "webrtc-registration:sessions:read"
    case write = "webrtc-registration:sessions:write"
    case delete = "webrtc-registration:sessions:delete"
}
