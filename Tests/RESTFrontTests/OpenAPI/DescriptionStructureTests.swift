import CallCore
import Foundation
import Testing

@testable import RESTFront

/// What a validator of OpenAPI looks for first; the contract run has a whole one.
@Suite struct DescriptionStructureTests {
    let document = DescribedServer().document

    /// Every value of the tree with the path that leads to it.
    private func all(_ tree: DocumentTree, at path: [String] = []) -> [(path: [String], tree: DocumentTree)] {
        var found = [(path: path, tree: tree)]
        for entry in tree.entries { found += all(entry.value, at: path + [entry.key]) }
        for (index, element) in tree.elements.enumerated() { found += all(element, at: path + [String(index)]) }
        return found
    }

    /// Operations by path and method.
    private var operations: [(path: String, operation: DocumentTree)] {
        (document.tree["paths"]?.entries ?? []).flatMap { path in
            path.value.entries.map { (path.key, $0.value) }
        }
    }

    @Test func everyReferenceIsResolved() {
        let tree = document.tree
        var count = 0
        for (path, value) in all(tree) {
            guard case .text(let reference)? = value["$ref"] else { continue }
            count += 1
            var target: DocumentTree? = reference.hasPrefix("#/") ? tree : nil
            for segment in reference.split(separator: "/").dropFirst() { target = target?[String(segment)] }
            #expect(target != nil, "\(path.joined(separator: "/")): \(reference)")
            // OpenAPI 3.0 reads nothing that stands beside it.
            #expect(value.entries.count == 1, "\(path.joined(separator: "/"))")
        }
        #expect(count > 100)
    }

    @Test func everyComponentIsUsed() {
        let tree = document.tree
        let references = Set(all(tree).compactMap { $0.tree["$ref"]?.string })
        for kind in ["schemas", "responses", "parameters", "headers"] {
            for component in tree["components"]?[kind]?.entries ?? [] {
                #expect(references.contains("#/components/\(kind)/\(component.key)"))
            }
        }
    }

    @Test func keysAndIdentifiersAreUnique() {
        for (path, value) in all(document.tree) {
            let keys = value.entries.map(\.key)
            #expect(Set(keys).count == keys.count, "\(path.joined(separator: "/"))")
        }
        let identifiers = operations.compactMap { $0.operation["operationId"]?.string }
        #expect(identifiers.count == operations.count)
        #expect(Set(identifiers).count == identifiers.count)
    }

    @Test func linksLeadToOperations() {
        let identifiers = Set(operations.compactMap { $0.operation["operationId"]?.string })
        let links = all(document.tree).filter { $0.path.dropLast().last == "links" }
        #expect(!links.isEmpty)
        for link in links { #expect(identifiers.contains(link.tree["operationId"]?.string ?? "")) }
    }

    @Test func componentsAreNamedAsOpenAPIAllows() {
        for kind in document.tree["components"]?.entries ?? [] {
            for component in kind.value.entries {
                #expect(component.key.wholeMatch(of: /[a-zA-Z0-9._-]+/) != nil, "\(component.key)")
            }
        }
    }

    @Test func pathParametersAreDescribedAndRequired() {
        for (path, operation) in operations {
            let named = Set(path.matches(of: /\{([^}]*)\}/).map { String($0.1) })
            let described = (operation["parameters"]?.elements ?? []).filter { $0["in"] == "path" }
            #expect(Set(described.compactMap { $0["name"]?.string }) == named)
            #expect(described.allSatisfy { $0["required"] == true })
        }
    }

    /// Every code the server has is told somewhere, and each with its own status.
    @Test func everyErrorCodeIsDescribed() {
        let described = Set(document.apis.flatMap { $0.description.operations.flatMap(\.allErrors) })
        #expect(Set(CAMARAError.Code.allCases) == described)
    }

    @Test func responsesHaveTheirHeaders() {
        let responses = document.tree["components"]?["responses"]?.entries ?? []
        #expect(!responses.isEmpty)
        for response in responses {
            let headers = Set(response.value["headers"]?.entries.map(\.key) ?? [])
            var expected: Set = ["x-correlator"]
            switch response.key.prefix(3) {
            case "401": expected.insert("WWW-Authenticate")
            case "405": expected.insert("Allow")
            case "429", "503": expected.insert("Retry-After")
            default: break
            }
            #expect(headers == expected, "\(response.key)")
        }
    }

    @Test func bothNotationsAreOfTheSameTree() throws {
        let tree = document.tree
        let read = try JSONSerialization.jsonObject(with: Data(tree.json.utf8)) as? [String: Any]
        #expect((read?["paths"] as? [String: Any])?.count == tree["paths"]?.entries.count)
        #expect(tree.yaml.hasPrefix("openapi: \"3.0.3\"\n"))
        #expect(!tree.yaml.contains("\t") && !tree.yaml.contains(" \n"))
    }

    @Test func onlyTheMountsOfTheServerAreDescribed() {
        let mount = Mount(path: "/webrtc-call-handling/vwip", api: .callHandling(.v04))
        let tree = DescribedServer(mounts: [mount]).document.tree
        let paths = tree["paths"]?.entries.map(\.key) ?? []
        #expect(!paths.isEmpty && paths.allSatisfy { $0.hasPrefix("/webrtc-call-handling/vwip/sessions") })
        #expect(tree["tags"]?.elements.count == 1)
    }

    @Test(arguments: [
        (DescribedSecurity.none, nil as String?), (.bearer, "http"), (.issuer("https://idp.example/"), "openIdConnect"),
    ])
    func securityIsTheServers(security: DescribedSecurity, type: String?) throws {
        let document = OpenAPIDocument(
            mounts: Mount.published, prefix: "", hasRegistrar: true, version: "1", security: security)
        let scheme = document.tree["components"]?["securitySchemes"]?.entries.first
        #expect(scheme?.value["type"]?.string == type)
        #expect((document.tree["security"] == nil) == (type == nil))
        if case .issuer = security {
            #expect(
                scheme?.value["openIdConnectUrl"] == "https://idp.example/.well-known/openid-configuration")
            let create = try #require(document.tree["paths"]?["/webrtc/sessions"]?["post"]?["security"])
            #expect(create == [["token": ["webrtc-call-handling:sessions:create"]]])
        }
    }

    @Test func theHeaderIsRequiredWhereTheServerAsksForIt() {
        for hasRegistrar in [true, false] {
            let document = OpenAPIDocument(mounts: Mount.published, prefix: "", hasRegistrar: hasRegistrar)
            for (path, isRequired) in [("/webrtc", false), ("/webrtc-call-handling/v0.3", hasRegistrar)] {
                let parameters = document.tree["paths"]?["\(path)/sessions"]?["post"]?["parameters"]?.elements ?? []
                let header = parameters.first { $0["name"] == "registrationId" }
                #expect(header?["required"] == .boolean(isRequired))
            }
        }
    }
}
