/// How the value of a key is written, checked, read and shown.
struct ValueType<Value: Equatable & Sendable>: Sendable {
    /// What may be written, as it ends a message: `duration from 1s to 10m (like 250ms, 4s, 5m, 2h)`.
    let allowed: String
    /// The value of a node; nil after reporting what is wrong with it under the name `label`.
    let decode: @Sendable (_ node: Node, _ label: String, _ decoding: Decoding) -> Value?
    /// The value as it would be written in the file.
    let render: @Sendable (Value) -> String
}

/// Why a text is no value of a type: the middle of a message, between the text and what is allowed.
struct Refusal: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// For a value that is known but refused for now.
    static func notYet(_ remedy: String) -> Refusal { Refusal("is not supported yet (\(remedy))") }
}

/// A value with its place, for checks that need other parts of the file.
struct Located<Value: Equatable & Sendable>: Equatable, Sendable {
    var value: Value
    var position: Position
}

extension ValueType {
    /// A type whose values are strings of YAML.
    static func text(
        allowed: String, render: @escaping @Sendable (Value) -> String,
        parse: @escaping @Sendable (_ text: String, _ surroundings: Surroundings) throws(Refusal) -> Value
    ) -> ValueType {
        ValueType(allowed: allowed) { node, label, decoding in
            guard case .scalar(let scalar) = node.content, case .string(let text) = ScalarValue(scalar) else {
                reportKind(node, label, allowed, decoding)
                return nil
            }
            do throws(Refusal) {
                return try parse(text, decoding.surroundings)
            } catch {
                decoding.report(node, label, "\(Quoted(text)) \(error.reason); allowed: \(allowed)")
                return nil
            }
        } render: {
            render($0)
        }
    }

    /// Reports a value of another kind than the key takes. Not for secrets: a string is quoted.
    static func reportKind(_ node: Node, _ label: String, _ allowed: String, _ decoding: Decoding) {
        guard node.content != .refused else { return }
        var what = node.kind
        if case .scalar(let scalar) = node.content, case .string = ScalarValue(scalar) {
            what = "the string \(Quoted(scalar.text))"
        }
        decoding.report(node, label, "\(what) is not allowed here; allowed: \(allowed)")
    }

    /// The same type for a key that has no default value.
    static func optional<Wrapped>(_ type: ValueType<Wrapped>) -> ValueType where Value == Wrapped? {
        ValueType(allowed: type.allowed) { node, label, decoding in
            type.decode(node, label, decoding).map(Optional.some)
        } render: {
            $0.map(type.render) ?? ""
        }
    }

    /// The same type, with the place of each value.
    static func located<Wrapped>(_ type: ValueType<Wrapped>) -> ValueType where Value == Located<Wrapped> {
        ValueType(allowed: type.allowed) { node, label, decoding in
            type.decode(node, label, decoding).map { Located(value: $0, position: node.position) }
        } render: {
            type.render($0.value)
        }
    }

    /// A list of distinct values.
    static func list<Element>(of type: ValueType<Element>, _ count: ClosedRange<Int>) -> ValueType
    where Value == [Element] {
        let allowed = "list of \(count.lowerBound) to \(count.upperBound), each \(type.allowed)"
        return ValueType(allowed: allowed) { node, label, decoding in
            guard case .sequence(let nodes) = node.content else {
                reportKind(node, label, allowed, decoding)
                return nil
            }
            guard count.contains(nodes.count) else {
                decoding.report(
                    node, label, "a list of \(nodes.count) entries is not allowed here; allowed: \(allowed)")
                return nil
            }
            var seen: Set<String> = []
            var isWhole = true
            var values: [Element] = []
            for (index, element) in nodes.enumerated() {
                guard let value = type.decode(element, "\(label)[\(index)]", decoding) else {
                    isWhole = false
                    continue
                }
                guard seen.insert(type.render(value)).inserted else {
                    decoding.report(element, "\(label)[\(index)]", "\(type.render(value)) is given twice")
                    continue
                }
                values.append(value)
            }
            return isWhole ? values : nil
        } render: {
            "[" + $0.map(type.render).joined(separator: ", ") + "]"
        }
    }
}
