import CallCore

/// CAMARA's `LocationDetails` as it came.
struct LocationBody: Decodable, Sendable {
    var shape = Property<String>.absent
    var coordinates = Property<CoordinatesBody>.absent
    var method = Property<String>.absent
    var confidence = Property<ConfidenceBody>.absent
    var timestamp = Property<String>.absent
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "shape": shape = container.property(key)
            case "coordinates": coordinates = container.property(key)
            case "method": method = container.property(key)
            case "confidence": confidence = container.property(key)
            case "timestamp": timestamp = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}

/// `CircleCoordinates` or `EllipsoidCoordinates`: numbers by name.
struct CoordinatesBody: Decodable, Sendable {
    var numbers: [String: Property<Double>] = [:]

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys { numbers[key.stringValue] = container.property(key) }
    }
}

struct ConfidenceBody: Decodable, Sendable {
    var pdf = Property<String>.absent
    var value = Property<Double>.absent
    var unknown: [String] = []

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: PropertyName.self)
        for key in container.allKeys {
            switch key.stringValue {
            case "pdf": pdf = container.property(key)
            case "value": value = container.property(key)
            default: unknown.append(key.stringValue)
            }
        }
        unknown.sort()
    }
}

extension LocationBody {
    /// Checks the location of a regular call (emergency design §6). Nothing of it is kept: no trunk takes a location yet,
    /// and one that cannot be sent must not be stored either.
    func validate(refusingUnknown: Bool) throws(CAMARAError) {
        let name = "locationDetails"
        if refusingUnknown { try PropertyCheck.refuse(unknown, in: name) }
        let shape = try PropertyCheck.optional(shape, "\(name).shape", type: "a string")
        let coordinates = try PropertyCheck.optional(coordinates, "\(name).coordinates", type: "an object")
        switch (shape, coordinates) {
        case (nil, nil): break
        case (let shape?, let coordinates?):
            guard let shape = LocationShape(rawValue: shape) else {
                throw .property("\(name).shape", "must be Circle or Ellipsoid")
            }
            try coordinates.validate(as: shape, name: "\(name).coordinates")
        default: throw .property(name, "must have shape and coordinates together or neither")
        }
        if let method = try PropertyCheck.optional(method, "\(name).method", type: "a string"),
            !["GPS", "DBH", "DBH_HELO", "Other"].contains(method)
        {
            throw .property("\(name).method", "must be GPS, DBH, DBH_HELO or Other")
        }
        try PropertyCheck.optional(confidence, "\(name).confidence", type: "an object")?
            .validate(name: "\(name).confidence", refusingUnknown: refusingUnknown)
        if let timestamp = try PropertyCheck.optional(timestamp, "\(name).timestamp", type: "a string"),
            !Timestamp.isValid(timestamp)
        {
            throw .property("\(name).timestamp", "must be a date and time of RFC 3339")
        }
    }
}

/// The shapes of CAMARA's `LocationDetails` and the numbers each one has.
private enum LocationShape: String {
    case circle = "Circle"
    case ellipsoid = "Ellipsoid"

    var numbers: [String] {
        switch self {
        case .circle: ["latitude", "longitude", "radius"]
        case .ellipsoid:
            ["latitude", "longitude", "zAxis", "semiMajorAxis", "semiMinorAxis", "verticalAxis", "orientation"]
        }
    }
}

extension CoordinatesBody {
    fileprivate func validate(as shape: LocationShape, name: String) throws(CAMARAError) {
        for (number, property) in numbers.sorted(by: { $0.key < $1.key }) {
            guard shape.numbers.contains(number) else {
                throw .property(name, "does not match the shape \(shape.rawValue): \(PropertyCheck.quoted(number))")
            }
            guard property.found != nil else { throw .property("\(name).\(number)", "must be a number") }
        }
        for number in shape.numbers where numbers[number] == nil {
            throw .property(name, "does not match the shape \(shape.rawValue): \(number) is missing")
        }
        try check("latitude", in: -90...90, name: name)
        try check("longitude", in: -180...180, name: name)
        for length in ["radius", "semiMajorAxis", "semiMinorAxis", "verticalAxis"] {
            try check(length, in: 0...Double.greatestFiniteMagnitude, name: name)
        }
    }

    private func check(_ number: String, in range: ClosedRange<Double>, name: String) throws(CAMARAError) {
        if let value = numbers[number]?.found, !range.contains(value) {
            throw CAMARAError(400, .outOfRange, "\(name).\(number) is out of range.")
        }
    }
}

extension ConfidenceBody {
    fileprivate func validate(name: String, refusingUnknown: Bool) throws(CAMARAError) {
        if refusingUnknown { try PropertyCheck.refuse(unknown, in: name) }
        if let pdf = try PropertyCheck.optional(pdf, "\(name).pdf", type: "a string"),
            !["normal", "uniform"].contains(pdf)
        {
            throw .property("\(name).pdf", "must be normal or uniform")
        }
        if let value = try PropertyCheck.optional(value, "\(name).value", type: "a number"), !(0...100).contains(value)
        {
            throw CAMARAError(400, .outOfRange, "\(name).value is out of range: it is a percentage.")
        }
    }
}

/// RFC 3339 §5.6 `date-time`, for form and ranges.
enum Timestamp {
    static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (20...64).contains(bytes.count) else { return false }
        func number(_ range: Range<Int>) -> Int? {
            bytes[range].reduce(0 as Int?) { sum, byte in
                guard let sum, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                return sum * 10 + Int(byte - UInt8(ascii: "0"))
            }
        }
        func isIn(_ range: Range<Int>, _ allowed: ClosedRange<Int>) -> Bool {
            number(range).map(allowed.contains) ?? false
        }
        guard number(0..<4) != nil, bytes[4] == UInt8(ascii: "-"), isIn(5..<7, 1...12), bytes[7] == UInt8(ascii: "-"),
            isIn(8..<10, 1...31), bytes[10] | 0x20 == UInt8(ascii: "t"), isIn(11..<13, 0...23),
            bytes[13] == UInt8(ascii: ":"), isIn(14..<16, 0...59), bytes[16] == UInt8(ascii: ":"), isIn(17..<19, 0...60)
        else { return false }
        var zone = 19
        if bytes[zone] == UInt8(ascii: ".") {
            zone += 1
            let start = zone
            while zone < bytes.count, number(zone..<(zone + 1)) != nil { zone += 1 }
            guard zone > start, zone < bytes.count else { return false }
        }
        if bytes[zone] | 0x20 == UInt8(ascii: "z") { return bytes.count == zone + 1 }
        return (bytes[zone] == UInt8(ascii: "+") || bytes[zone] == UInt8(ascii: "-")) && bytes.count == zone + 6
            && isIn((zone + 1)..<(zone + 3), 0...23) && bytes[zone + 3] == UInt8(ascii: ":")
            && isIn((zone + 4)..<(zone + 6), 0...59)
    }
}
