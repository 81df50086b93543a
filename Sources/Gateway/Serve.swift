import Configuration

extension Program {
    /// `gateway serve`.
    static func serve(configurationPath path: String) -> Int32 {
        do throws(ConfigurationError) {
            _ = try Configuration.load(path: path)
            Console.error("\(Product.name): serve: not supported yet\n")
            return ExitStatus.usage
        } catch {
            Console.error(error.description)
            return ExitStatus.configuration
        }
    }

    /// `gateway endpoint`.
    static func endpoint(listen: [SIPListener]) -> Int32 {
        Console.error("\(Product.name): endpoint: not supported yet\n")
        return ExitStatus.usage
    }
}
