import Configuration

extension Program {
    /// `gateway check`: says that the file is right and what it configures, with what is hardly meant, or all that is wrong
    /// with it.
    static func check(configurationPath path: String) -> Int32 {
        do throws(ConfigurationError) {
            let configuration = try Configuration.load(path: path)
            for warning in configuration.warnings(in: path) { Console.error("\(warning)\n") }
            Console.output("\(path): ok\n\(configuration.summary)\n")
            return ExitStatus.success
        } catch {
            Console.error(error.description)
            return ExitStatus.configuration
        }
    }
}
