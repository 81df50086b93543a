import CallCore

extension CallHandlingDescription {
    /// Where a caller is: the shape and its coordinates together, or neither.
    var locations: [DocumentTree.Entry] {
        [
            .init(
                key: named("Location"),
                value: [
                    "description":
                        "Where the party that sends the request is. Passed on in emergency calls, and by trunks that take it.",
                    "anyOf": [
                        shaped("Circle", "A circle.", circle), shaped("Ellipsoid", "An ellipsoid.", ellipsoid),
                        unshaped,
                    ],
                ])
        ]
    }

    private var isClosed: Bool { dialect.refusesUnknownProperties }

    private func shaped(_ name: String, _ text: String, _ coordinates: DocumentTree) -> DocumentTree {
        Schemas.object(
            text, required: ["shape", "coordinates"],
            [
                .init(key: "shape", value: Schemas.words("The shape.", [name])),
                .init(key: "coordinates", value: coordinates),
            ] + circumstances, isClosed: isClosed)
    }

    private var unshaped: DocumentTree {
        let tree = Schemas.object("Circumstances without a place.", circumstances, isClosed: isClosed)
        return isClosed
            ? tree : tree.adding("not", ["anyOf": [["required": ["shape"]], ["required": ["coordinates"]]]])
    }

    private var circumstances: [DocumentTree.Entry] {
        [
            .init(key: "method", value: Schemas.words("How it was found.", ["GPS", "DBH", "DBH_HELO", "Other"])),
            .init(
                key: "confidence",
                value: Schemas.object(
                    "How sure it is.",
                    [
                        .init(key: "pdf", value: Schemas.words("The distribution.", ["normal", "uniform"])),
                        .init(key: "value", value: Schemas.number("Per cent.", 0...100)),
                    ], isClosed: isClosed)),
            .init(key: "timestamp", value: Schemas.time("When it was found (RFC 3339).", example: Samples.time)),
        ]
    }

    private var latitude: DocumentTree.Entry {
        .init(key: "latitude", value: Schemas.number("Degrees north (WGS 84).", -90...90))
    }

    private var longitude: DocumentTree.Entry {
        .init(key: "longitude", value: Schemas.number("Degrees east (WGS 84).", -180...180))
    }

    private var circle: DocumentTree {
        Schemas.object(
            "Centre and radius.", required: ["latitude", "longitude", "radius"],
            [latitude, longitude, .init(key: "radius", value: Schemas.number("Metres.", minimum: 0))], isClosed: true)
    }

    private var ellipsoid: DocumentTree {
        let axes = ["semiMajorAxis", "semiMinorAxis", "verticalAxis"]
        return Schemas.object(
            "Centre and axes.", required: ["latitude", "longitude", "zAxis"] + axes + ["orientation"],
            [latitude, longitude, .init(key: "zAxis", value: Schemas.number("Metres above the WGS 84 ellipsoid."))]
                + axes.map { .init(key: $0, value: Schemas.number("Metres.", minimum: 0)) }
                + [.init(key: "orientation", value: Schemas.number("Degrees from north."))], isClosed: true)
    }
}
