import Foundation

extension Configuration {
    /// Reads and checks the configuration file at `path`, at most 1 MiB.
    ///
    /// Also reads the files it names (key sets, secrets), relative to its own folder. Blocks on files: call it at
    /// start-up and on reload, never from the call path. Throws every problem at once.
    public static func load(
        path: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(ConfigurationError) -> Configuration {
        switch FileReading.read(path) {
        case .failure(let problem):
            throw ConfigurationError(path: path, problems: [Problem(.start, "the file \(problem)")])
        case .success(let bytes):
            return try Configuration(
                yaml: bytes, path: path,
                Surroundings(folder: folder(of: path), environment: environment, readFile: FileReading.read))
        }
    }

    /// Reads and checks `yaml`, UTF-8. `path` is what messages call it.
    init(yaml: [UInt8], path: String, _ surroundings: Surroundings) throws(ConfigurationError) {
        let tree = YAMLTree(yaml)
        // After a syntax error nothing can be said about what is missing: the rest of the file is unknown.
        guard tree.isComplete else { throw ConfigurationError(path: path, problems: tree.problems) }
        let decoding = Decoding(surroundings)
        let configuration = Configuration(root: tree.root, decoding)
        let problems = tree.problems + decoding.problems
        guard problems.isEmpty else { throw ConfigurationError(path: path, problems: problems) }
        self = configuration
    }

    /// Reads all sections. Whatever is wrong is in `decoding`; the value then only stands in for one.
    init(root: Node?, _ decoding: Decoding) {
        let section = Section(root: root, decoding)
        api = API(section.section(APIKeys.section))
        sip = SIP(section.section(SIPKeys.section))
        let (trunks, names) = Trunk.list(section, sip)
        self.trunks = trunks
        routes = Route.list(section, trunks: names)
        servedNumbers = section.value(RoutingKeys.servedNumbers)
        emergency = Emergency(section.section(RoutingKeys.emergency), trunks: names)
        sessionCreate = SessionCreate(section.section(SessionKeys.create), sip.timers)
        sessions = Sessions(section.section(SessionKeys.section))
        drain = Drain(section.section(SessionKeys.drain))
        registrations = Registrations(section.section(RegistrationKeys.section))
        events = Events(section.section(EventKeys.section))
        storage = Storage(section.section(StorageKeys.section))
        node = GatewayNode(section.section(StorageKeys.node))
        admin = Admin(section.section(AdminKeys.section), api: api.listen)
        callRecords = CallRecords(section.section(AdminKeys.records))
        log = Log(section.section(LogKeys.section))
        warnings = decoding.warnings.sorted { $0.position < $1.position }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
