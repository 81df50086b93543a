// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 language mode everywhere, and no warning survives a build.
let strict: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]

let package = Package(
    name: "gateway",
    products: [
        .executable(name: "gateway", targets: ["Gateway"])
    ],
    targets: [
        // The Debian libraries: module maps and inlines only.
        .systemLibrary(
            name: "SofiaSIP", path: "Sources/System/SofiaSIP", pkgConfig: "sofia-sip-ua",
            providers: [.apt(["libsofia-sip-ua-dev"])]),
        .systemLibrary(
            name: "LibEvent", path: "Sources/System/LibEvent", pkgConfig: "libevent_openssl",
            providers: [.apt(["libevent-dev", "libssl-dev"])]),
        // libcjose-dev 0.6 does not depend on the jansson headers its own headers include.
        .systemLibrary(
            name: "Cjose", path: "Sources/System/Cjose", pkgConfig: "cjose",
            providers: [.apt(["libcjose-dev", "libjansson-dev", "libssl-dev"])]),
        .systemLibrary(
            name: "LibYAML", path: "Sources/System/LibYAML", pkgConfig: "yaml-0.1",
            providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "LibCrypto", path: "Sources/System/LibCrypto", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "Mimalloc", path: "Sources/System/Mimalloc", providers: [.apt(["libmimalloc-dev"])]),
        .systemLibrary(
            name: "LibCurl", path: "Sources/System/LibCurl", pkgConfig: "libcurl",
            providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "SQLite3", path: "Sources/System/SQLite3", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(
            name: "CAres", path: "Sources/System/CAres", pkgConfig: "libcares", providers: [.apt(["libc-ares-dev"])]),

        // The rooms. Arrows point one way: Gateway -> {RESTFront, SIPBridge, ...} -> CallCore.
        .target(
            name: "CSofiaSIP", dependencies: ["SofiaSIP"],
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CallCore", dependencies: ["LibCrypto"], swiftSettings: strict),
        .target(name: "Metrics", swiftSettings: strict),
        .target(name: "Threads", swiftSettings: strict),
        .target(
            name: "SIPBridge", dependencies: ["CallCore", "CSofiaSIP", "Metrics", "Resolver"], swiftSettings: strict),
        .target(
            name: "RESTFront",
            dependencies: ["CServerTLS", "CallCore", "LibEvent", "Cjose", "Curl", "Metrics", "Threads"],
            swiftSettings: strict),
        .target(name: "Curl", dependencies: ["LibCurl", "LibEvent"], swiftSettings: strict),
        .target(name: "Resolver", dependencies: ["CAres", "Threads"], swiftSettings: strict),
        .target(
            name: "EventSinks", dependencies: ["CallCore", "Curl", "Resolver", "Threads"], swiftSettings: strict),
        .target(name: "Store", dependencies: ["CallCore", "SQLite3"], swiftSettings: strict),
        .target(name: "Services", dependencies: ["CallCore", "Store", "EventSinks"], swiftSettings: strict),
        .target(name: "CPEM", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        // The TLS that HTTPS is served with: contexts and what is asked of their connections.
        .target(name: "CServerTLS", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "Configuration", dependencies: ["LibYAML", "CPEM"], swiftSettings: strict),
        .target(name: "Endpoint", dependencies: ["CallCore", "CSofiaSIP", "SIPBridge"], swiftSettings: strict),
        .executableTarget(
            name: "Gateway",
            dependencies: [
                "CallCore", "SIPBridge", "RESTFront", "Configuration", "Endpoint", "EventSinks", "Metrics", "Mimalloc",
                "Services", "Store",
            ],
            swiftSettings: strict),

        // The benchmark: a load driver of its own, and the same SIP work on the bare library.
        .executableTarget(name: "NTAFloor", dependencies: ["SofiaSIP"]),
        .target(name: "CBench"),
        .executableTarget(
            name: "Bench", dependencies: ["CBench", "Cjose", "TestSink", "TestTLS"], swiftSettings: strict),

        // The deliveries' benchmark: events to TLS sinks in the same process.
        .executableTarget(
            name: "SinkBench", dependencies: ["EventSinks", "TestSink", "TestTLS"], swiftSettings: strict),

        // A scripted HTTPS sink with certificates of its own.
        .target(
            name: "CTestTLS", path: "Tests/CTestTLS", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "TestTLS", dependencies: ["CTestTLS"], path: "Tests/TestTLS", swiftSettings: strict),
        .target(
            name: "TestSink", dependencies: ["CTestTLS", "TestTLS"], path: "Tests/TestSink", swiftSettings: strict),
        .testTarget(
            name: "EventSinksTests", dependencies: ["EventSinks", "SinkBench", "TestSink", "TestTLS", "TestPeer"],
            swiftSettings: strict),

        // A scripted SIP peer, an HTTP client and a launcher for tests that use real sockets.
        .target(
            name: "TestPeer", dependencies: ["CTestTLS", "TestSink", "TestTLS", "Cjose"], path: "Tests/TestPeer",
            swiftSettings: strict),
        .testTarget(name: "TestPeerTests", dependencies: ["TestPeer", "TestSink"], swiftSettings: strict),
        .testTarget(
            name: "ServicesTests",
            dependencies: ["Services", "Store", "EventSinks", "TestSink", "TestTLS", "TestPeer"],
            swiftSettings: strict),
        .testTarget(name: "MetricsTests", dependencies: ["Metrics", "TestPeer"], swiftSettings: strict),
        .testTarget(name: "CallCoreTests", dependencies: ["CallCore"], swiftSettings: strict),
        .testTarget(
            name: "SIPBridgeTests", dependencies: ["Resolver", "SIPBridge", "TestPeer", "TestTLS"],
            exclude: ["Schemas"],
            swiftSettings: strict),
        .testTarget(name: "BenchTests", dependencies: ["Bench"], swiftSettings: strict),
        .testTarget(
            name: "RESTFrontTests", dependencies: ["RESTFront", "Cjose", "TestPeer", "TestSink", "TestTLS"],
            resources: [.copy("Resources")],
            swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests", dependencies: ["Configuration"], exclude: ["Fixtures", "Golden"],
            swiftSettings: strict),
        // The program that the store's crash tests kill while it writes.
        .executableTarget(
            name: "StoreCrashWriter", dependencies: ["Store"], path: "Tests/StoreCrashWriter", swiftSettings: strict),
        .testTarget(
            name: "StoreTests", dependencies: ["Store", "SQLite3", "StoreCrashWriter"],
            resources: [.copy("Resources")], swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CallCore", "Endpoint", "Gateway", "LibCrypto", "SIPBridge", "SQLite3", "TestPeer", "TestSink",
                "TestTLS",
            ],
            resources: [.copy("Resources"), .copy("Scenarios")], swiftSettings: strict),
        .testTarget(name: "EndpointTests", dependencies: ["Endpoint", "TestPeer", "Gateway"], swiftSettings: strict),
        .testTarget(name: "ResolverTests", dependencies: ["Resolver", "TestPeer"], swiftSettings: strict),
        .testTarget(name: "GatewayTests", dependencies: ["Mimalloc", "Gateway", "TestPeer"], swiftSettings: strict),
    ]
)
