import Configuration

extension Program {
    /// `gateway endpoint`.
    static func endpoint(listen: [SIPListener]) -> Int32 {
        Console.error("\(Product.name): endpoint: not supported yet\n")
        return ExitStatus.usage
    }
}
