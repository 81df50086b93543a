import CallCore

/// What names an entry, whatever its kind.
enum RowKey: Hashable, Sendable {
    case registration(RegistrationID)
}

/// An entry of any kind, as it is written.
enum Row: Sendable {
    case registration(Registration)
}
