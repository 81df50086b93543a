extension Configuration {
    /// What is allowed and hardly meant, a line each, `PATH:LINE:COLUMN: warning: …`. Names no secret.
    public func warnings(in path: String) -> [String] {
        warnings.map { $0.description(in: path) }
    }
}
