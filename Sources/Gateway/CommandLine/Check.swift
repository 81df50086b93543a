import Configuration
import SIPBridge

extension Program {
    /// `gateway check`: says that the file is right and what it configures, with what is hardly meant, or all that is wrong
    /// with it; also what of it cannot be used with the libraries that are here.
    static func check(configurationPath path: String) -> Int32 {
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(path: path)
            if let problem = problem(of: configuration.sip.tls.map { TLSFiles($0) }) {
                Console.error("\(path): \(problem)\n")
                return ExitStatus.configuration
            }
            for warning in configuration.warnings(in: path) { Console.error("\(warning)\n") }
            Console.output("\(path): ok\n\(configuration.summary)\n")
            return ExitStatus.success
        } catch {
            Console.error(error.description)
            return ExitStatus.configuration
        }
    }

    private static func problem(of files: TLSFiles?) -> TLSFiles.Unusable? {
        do throws(TLSFiles.Unusable) {
            try files?.check()
            return nil
        } catch {
            return error
        }
    }
}
