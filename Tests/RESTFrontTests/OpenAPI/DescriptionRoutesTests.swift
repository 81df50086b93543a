import CallCore
import Testing

@testable import RESTFront

/// What is described is routed, and what is routed is described.
@Suite struct DescriptionRoutesTests {
    let server = DescribedServer()

    /// GET brings HEAD along, and every path has OPTIONS: both are told once, in the introduction.
    static let methods: [HTTPMethod] = [.get, .post, .put, .delete, .other]

    @Test(arguments: Mount.published) func everyMethodOfEveryPath(mount: Mount) throws {
        let api = try #require(server.api(mount))
        let operations = mount.api.description(hasRegistrar: true).operations
        for path in Set(operations.map(\.path)) {
            let route = try #require(api.route(.options, Self.concrete(path)), "\(mount.path)\(path)")
            #expect(route.template == path)
            let allowed = route.allow.split(separator: ", ").map(String.init)
            #expect(allowed.contains("OPTIONS"))
            #expect(allowed.contains("HEAD") == allowed.contains("GET"))
            for method in Self.methods {
                let isDescribed = operations.contains { $0.path == path && $0.method == method }
                #expect(allowed.contains(method.rawValue) == isDescribed, "\(method) \(mount.path)\(path)")
                let routed = try #require(api.route(method, Self.concrete(path)))
                if isDescribed { #expect(routed.operation != nil, "\(method) \(mount.path)\(path)") }
            }
        }
    }

    @Test(arguments: Mount.published) func everyScopeAndBody(mount: Mount) throws {
        let api = try #require(server.api(mount))
        for operation in mount.api.description(hasRegistrar: true).operations {
            let routed = try #require(api.route(operation.method, Self.concrete(operation.path))?.operation)
            // Where the body decides there is one for every event type.
            if let scope = routed.scope {
                #expect(operation.scopes == [scope])
            } else {
                #expect(operation.scopes.count > 1)
            }
            #expect((routed.reads == .nothing) == (operation.body == nil))
            #expect((routed.reads == .anything) == (operation.body?.isAnyMediaType ?? false))
            #expect(routed.answersJSON == operation.successes.contains { $0.schema != nil })
        }
    }

    @Test(arguments: Mount.published) func noPathIsLeftOut(mount: Mount) throws {
        let api = try #require(server.api(mount))
        let described = Set(mount.api.description(hasRegistrar: true).operations.map(\.path))
        var segments = [""]
        for _ in 0..<3 {
            segments += segments.flatMap { head in
                ["sessions", "subscriptions", "status", "A", "openapi.json"].map { head + "/" + $0 }
            }
        }
        for path in Set(segments) {
            guard let route = api.route(.options, path[...]) else { continue }
            #expect(described.contains(route.template), "\(mount.path)\(path)")
        }
    }

    /// A path with something in the place of its parameters.
    private static func concrete(_ path: String) -> Substring {
        path.replacing(/\{[^}]*\}/, with: "A")[...]
    }
}
