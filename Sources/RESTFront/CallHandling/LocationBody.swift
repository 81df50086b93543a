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
    /// The location, checked (emergency design §6); nil for one that has no coordinates.
    func location(refusingUnknown: Bool) throws(CAMARAError) -> Location? {
        let name = "locationDetails"
        if refusingUnknown { try PropertyCheck.refuse(unknown, in: name) }
        let shape = try PropertyCheck.optional(shape, "\(name).shape", type: "a string")
        let coordinates = try PropertyCheck.optional(coordinates, "\(name).coordinates", type: "an object")
        var location: Location?
        switch (shape, coordinates) {
        case (nil, nil): break
        case (let shape?, let coordinates?):
            guard let shape = LocationShape(rawValue: shape) else {
                throw .property("\(name).shape", "must be Circle or Ellipsoid")
            }
            location = try coordinates.location(as: shape, name: "\(name).coordinates")
        default: throw .property(name, "must have shape and coordinates together or neither")
        }
        if let method = try PropertyCheck.optional(method, "\(name).method", type: "a string") {
            location?.method = Location.Method(rawValue: method)
            guard method == "Other" || Location.Method(rawValue: method) != nil else {
                throw .property("\(name).method", "must be GPS, DBH, DBH_HELO or Other")
            }
        }
        let checked = try PropertyCheck.optional(confidence, "\(name).confidence", type: "an object")?
            .confidence(name: "\(name).confidence", refusingUnknown: refusingUnknown)
        location?.confidence = checked
        if let timestamp = try PropertyCheck.optional(timestamp, "\(name).timestamp", type: "a string") {
            guard let time = RFC3339.date(timestamp) else {
                throw .property("\(name).timestamp", "must be a date and time of RFC 3339")
            }
            location?.time = time
        }
        return location
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
    fileprivate func location(as shape: LocationShape, name: String) throws(CAMARAError) -> Location {
        for (number, property) in numbers.sorted(by: { $0.key < $1.key }) {
            guard shape.numbers.contains(number) else {
                throw .property(name, "does not match the shape \(shape.rawValue): \(PropertyCheck.quoted(number))")
            }
            guard let value = property.found, value.isFinite else {
                throw .property("\(name).\(number)", "must be a number")
            }
        }
        for number in shape.numbers where numbers[number] == nil {
            throw .property(name, "does not match the shape \(shape.rawValue): \(number) is missing")
        }
        try check("latitude", in: -90...90, name: name)
        try check("longitude", in: -180...180, name: name)
        for length in ["radius", "semiMajorAxis", "semiMinorAxis", "verticalAxis"] {
            try check(length, in: 0...Double.greatestFiniteMagnitude, name: name)
        }
        return Location(
            latitude: number("latitude"), longitude: number("longitude"),
            area: shape == .circle
                ? .circle(radius: number("radius"))
                : .ellipsoid(
                    altitude: number("zAxis"), semiMajor: number("semiMajorAxis"), semiMinor: number("semiMinorAxis"),
                    vertical: number("verticalAxis"), orientation: number("orientation")))
    }

    /// A number that has been found to be there.
    private func number(_ name: String) -> Double { numbers[name]?.found ?? 0 }

    private func check(_ number: String, in range: ClosedRange<Double>, name: String) throws(CAMARAError) {
        if let value = numbers[number]?.found, !range.contains(value) {
            throw CAMARAError(400, .outOfRange, "\(name).\(number) is out of range.")
        }
    }
}

extension ConfidenceBody {
    /// Nil where no percentage is told.
    fileprivate func confidence(name: String, refusingUnknown: Bool) throws(CAMARAError) -> Location.Confidence? {
        if refusingUnknown { try PropertyCheck.refuse(unknown, in: name) }
        let form = try PropertyCheck.optional(pdf, "\(name).pdf", type: "a string")
        if let form, Location.Confidence.Form(rawValue: form) == nil {
            throw .property("\(name).pdf", "must be normal or uniform")
        }
        guard let value = try PropertyCheck.optional(value, "\(name).value", type: "a number") else { return nil }
        guard (0...100).contains(value) else {
            throw CAMARAError(400, .outOfRange, "\(name).value is out of range: it is a percentage.")
        }
        return Location.Confidence(percent: value, form: form.flatMap(Location.Confidence.Form.init(rawValue:)))
    }
}
