import CallCore
import Configuration
import RESTFront
import SIPBridge
import Services

/// The configuration file read again while the gateway runs: taken whole, or not at all.
extension Service {
    /// Reads the file the gateway was started with again. One at a time; the others wait.
    func reload() async -> Reload {
        await reloading.take { [self] in
            let outcome = await reloadNow()
            tell(outcome)
            return outcome
        }
    }

    private func reloadNow() async -> Reload {
        guard isServing, ended.drain.phase == .serving else {
            return Reload(refused: "\(path): the gateway is starting or ending; nothing has been changed")
        }
        let old = configuration
        do {
            let reload = try old.reload(Configuration.load(path: path), path: path)
            let new = reload.effective
            // All that can fail comes before anything is changed.
            var sipOptions = SIPOptions(new, userAgent: Product.name)
            let restOptions = try RESTServer.Options(new, log: log)
            sipOptions.emergencyNumbers = restOptions.emergencyNumbers
            sipOptions.directory = CalleeDirectory(store, served: ServedNumbers(new.servedNumbers))
            let authenticator = try authenticators.next(for: new.api.authentication, log: log)
            try await sip.apply(sipOptions)
            rest.apply(restOptions, authenticator: authenticator)
            authenticators.use(authenticator, for: new.api.authentication)
            log.set(new.log.level)
            ended.set(deadline: new.drain.deadline)
            configuration = new
            // Numbers may have an account now that had none, or one at a trunk that has changed.
            if new.trunks != old.trunks { Task { await registrar.resumeAccounts() } }
            return Reload(
                changed: new.swappedKeys(from: old), restartOnly: reload.restartOnly, warnings: new.warnings(in: path)
            )
        } catch let error as ConfigurationError {
            return Reload(refused: error.description)
        } catch {
            return Reload(refused: "\(path): \(error)")
        }
    }

    /// The problems go to the log too: SIGHUP has no other answer.
    private func tell(_ outcome: Reload) {
        if outcome.isTaken {
            log.info("configuration reloaded", [.reason(outcome.text.trimmed)])
        } else {
            log.error("configuration refused; the old one stays", [.reason(outcome.text.trimmed)])
        }
    }
}

extension String {
    /// Its lines in one.
    fileprivate var trimmed: String { split(separator: "\n").joined(separator: "; ") }
}
