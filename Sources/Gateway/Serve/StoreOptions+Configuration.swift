import Configuration
import Store

extension StoreLocation {
    /// Where the checked configuration keeps things.
    init(_ storage: Configuration.Storage) {
        switch storage {
        case .memory: self = .memory
        case .sqlite(let path): self = .sqlite(path: path)
        }
    }
}

extension StoreOptions {
    /// The store as the checked configuration describes it.
    init(_ configuration: Configuration, log: Log) {
        self.init()
        limits.registrationsPerNumber = configuration.registrations.perNumber
        // Delivery's own limit comes first: an event it has taken finds room here.
        limits.undelivered = max(limits.undelivered, 2 * configuration.events.maxPending)
        limits.undeliveredBytes = max(limits.undeliveredBytes, 2 * configuration.events.maxPendingBytes)
        report = { report in
            switch report {
            case .degraded(let failure): log.error("store cannot write", [.reason(failure.description)])
            case .recovered: log.info("store writes again")
            }
        }
    }
}
