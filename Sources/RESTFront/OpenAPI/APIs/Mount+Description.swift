extension Mount.Kind {
    /// What the description says of the API.
    func description(hasRegistrar: Bool) -> APIDescription {
        switch self {
        case .callHandling(let dialect):
            CallHandlingDescription(dialect: dialect, hasRegistrar: hasRegistrar).description
        case .registration(let dialect): RegistrationDescription(dialect: dialect).description
        case .events(let dialect): EventsDescription(dialect: dialect).description
        }
    }
}
