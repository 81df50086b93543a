import Foundation

extension ValueType where Value == Configuration.KeySetSource {
    /// A JSON Web Key Set: a file, which is read, or a URL, which is not.
    static var keySetSource: ValueType {
        let url = ValueType<ServiceURL>.serviceURL
        let file = ValueType<String>.jwksPath
        let allowed = "\(file.allowed), or its \(url.allowed)"
        return ValueType(allowed: allowed) { node, label, decoding in
            if case .scalar(let scalar) = node.content, scalar.text.contains("://") {
                return url.decode(node, label, decoding).map(Configuration.KeySetSource.url)
            }
            return file.decode(node, label, decoding).map { .file(path: $0) }
        } render: {
            switch $0 {
            case .file(let path): file.render(path)
            case .url(let address): url.render(address)
            }
        }
    }
}

extension ValueType where Value == String {
    /// A JSON Web Key Set on disk; the value is its path, absolute or relative to the working folder.
    fileprivate static var jwksPath: ValueType {
        .text(allowed: "path of a JSON Web Key Set (RFC 7517)", render: yamlText) {
            text, surroundings throws(Refusal) in
            let path = surroundings.resolve(text)
            let set: KeySet?
            switch surroundings.readFile(path) {
            case .failure(let problem): throw Refusal(problem.description)
            case .success(let bytes): set = try? JSONDecoder().decode(KeySet.self, from: Data(bytes))
            }
            guard let set, !set.keys.isEmpty else {
                throw Refusal("is not a JSON Web Key Set: an object with a list \"keys\", each with its \"kty\"")
            }
            return path
        }
    }

    /// As much of a key set as tells it from another file (RFC 7517 §5, §4.1).
    private struct KeySet: Decodable {
        var keys: [Key]
        struct Key: Decodable { var kty: String }
    }
}

extension ValueType where Value == Secret {
    /// `{file: PATH}`, `{env: NAME}` or the secret itself. No message quotes any of it.
    static var secret: ValueType {
        let allowed = "{file: PATH}, {env: NAME} or a string"
        return ValueType(allowed: allowed) { node, label, decoding in
            do throws(Refusal) {
                return try secret(node, decoding.surroundings)
            } catch {
                decoding.report(node, label, "\(error.reason); allowed: \(allowed)")
                return nil
            }
        } render: {
            $0.description
        }
    }

    private static func secret(_ node: Node, _ surroundings: Surroundings) throws(Refusal) -> Secret {
        switch node.content {
        case .scalar(let scalar):
            guard case .string(let text) = ScalarValue(scalar), !text.isEmpty else {
                throw Refusal("not a string; a secret that looks like something else needs quotes")
            }
            return Secret(text)
        case .mapping(let entries):
            guard entries.count == 1, let entry = entries.first, case .scalar(let scalar) = entry.value.content,
                case .string(let source) = ScalarValue(scalar), !source.isEmpty
            else { throw Refusal("not one source with its name") }
            switch entry.key {
            case "env":
                guard let value = surroundings.environment[source], !value.isEmpty else {
                    throw Refusal("the environment variable \(Quoted(source)) is not set")
                }
                return Secret(value)
            case "file": return try secret(fromFile: source, surroundings)
            default: throw Refusal("unknown source \(Quoted(entry.key))")
            }
        case .sequence: throw Refusal("a list")
        case .refused: throw Refusal("no secret")
        }
    }

    /// The file's content without the newline editors put at its end.
    private static func secret(fromFile path: String, _ surroundings: Surroundings) throws(Refusal) -> Secret {
        switch surroundings.readFile(surroundings.resolve(path)) {
        case .failure(let problem): throw Refusal("the file \(Quoted(path)) \(problem)")
        case .success(var bytes):
            if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else {
                throw Refusal("the file \(Quoted(path)) is empty or not text")
            }
            return Secret(text)
        }
    }
}
