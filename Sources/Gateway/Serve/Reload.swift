import Configuration

/// What has become of a new configuration file, for who has asked.
struct Reload: Sendable, Equatable {
    /// Whether the new configuration holds now. Else the old one does, whole.
    let isTaken: Bool
    /// For a terminal: one or more whole lines.
    let text: String

    /// It has been taken.
    init(changed: [String], restartOnly: [String], warnings: [String]) {
        isTaken = true
        var lines = warnings
        lines.append(
            changed.isEmpty ? "reloaded; nothing has changed" : "reloaded; changed: " + changed.joined(separator: ", "))
        if !restartOnly.isEmpty {
            lines.append("takes effect at the next start only: " + restartOnly.joined(separator: ", "))
        }
        text = lines.joined(separator: "\n") + "\n"
    }

    /// It has been refused.
    init(refused text: String) {
        isTaken = false
        self.text = text.hasSuffix("\n") ? text : text + "\n"
    }
}
