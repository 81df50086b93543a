import CallCore
import Foundation

/// A location as the network reads it: PIDF-LO (RFC 4119) in the shapes and with the rules of RFC 5491, the confidence as
/// RFC 7459 has it.
struct LocationDocument {
    static let contentType = "application/pidf+xml"

    let location: Location
    /// A URI of whose location it is.
    var entity: String
    /// A URI of the device that is there.
    var device: String
    /// Whether those who receive it may hand it on (RFC 4119 §2.2.2).
    var mayBeForwarded: Bool
    /// When the caller is there, where the application does not tell.
    var now: Date

    /// The document, with CRLF line ends.
    var text: String {
        let time = RFC3339.text(location.time ?? now)
        let method = location.method.map { "\r\n<gp:method>\($0.rawValue)</gp:method>" } ?? ""
        return """
            <?xml version="1.0" encoding="UTF-8"?>\r
            <presence xmlns="urn:ietf:params:xml:ns:pidf"\r
             xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"\r
             xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10"\r
             xmlns:gbp="urn:ietf:params:xml:ns:pidf:geopriv10:basicPolicy"\r
             xmlns:gml="http://www.opengis.net/gml" xmlns:gs="http://www.opengis.net/pidflo/1.0"\r
             xmlns:con="urn:ietf:params:xml:ns:geopriv:conf" entity="\(XMLText.escaped(entity))">\r
            <dm:device id="caller">\r
            <gp:geopriv>\r
            <gp:location-info>\r
            \(shape)\(confidence)\r
            </gp:location-info>\r
            <gp:usage-rules>\r
            <gbp:retransmission-allowed>\(mayBeForwarded)</gbp:retransmission-allowed>\r
            </gp:usage-rules>\(method)\r
            </gp:geopriv>\r
            <dm:deviceID>\(XMLText.escaped(device))</dm:deviceID>\r
            <dm:timestamp>\(time)</dm:timestamp>\r
            </dm:device>\r
            </presence>\r

            """
    }

    private var shape: String {
        let position = "\(location.latitude) \(location.longitude)"
        switch location.area {
        case .circle(let radius):
            return "<gs:Circle srsName=\"urn:ogc:def:crs:EPSG::4326\">\r\n<gml:pos>\(position)</gml:pos>\r\n"
                + "<gs:radius uom=\"\(LocationDocument.metre)\">\(radius)</gs:radius>\r\n</gs:Circle>"
        case .ellipsoid(let altitude, let semiMajor, let semiMinor, let vertical, let orientation):
            func length(_ name: String, _ value: Double) -> String {
                "<gs:\(name) uom=\"\(LocationDocument.metre)\">\(value)</gs:\(name)>\r\n"
            }
            return
                "<gs:Ellipsoid srsName=\"urn:ogc:def:crs:EPSG::4979\">\r\n<gml:pos>\(position) \(altitude)</gml:pos>\r\n"
                + length("semiMajorAxis", semiMajor) + length("semiMinorAxis", semiMinor)
                + length("verticalAxis", vertical)
                + "<gs:orientation uom=\"\(LocationDocument.degree)\">\(orientation)</gs:orientation>\r\n</gs:Ellipsoid>"
        }
    }

    private static let metre = "urn:ogc:def:uom:EPSG::9001"
    private static let degree = "urn:ogc:def:uom:EPSG::9102"

    /// Nobody is sure, and who is not at all has not said so: 0 and 100 are none (RFC 7459 §4).
    private var confidence: String {
        guard let confidence = location.confidence, confidence.percent > 0, confidence.percent < 100 else { return "" }
        let form =
            switch confidence.form {
            case .normal?: " pdf=\"normal\""
            case .uniform?: " pdf=\"rectangular\""
            case nil: ""
            }
        return "\r\n<con:confidence\(form)>\(LocationDocument.decimal(confidence.percent))</con:confidence>"
    }

    /// An `xs:decimal` has no exponent (XML Schema 1.0 part 2 §3.2.3).
    private static func decimal(_ value: Double) -> String {
        let text = "\(value)"
        return text.contains("e") ? "0.0001" : text
    }
}

/// Text in an XML document (XML 1.0 §2.4).
enum XMLText {
    /// With what means something in content and attribute values escaped, and what no document may hold left out (§2.2).
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&apos;"
            case "\t", "\n", "\r": result += " "
            default:
                if scalar.value >= 0x20, scalar.value & 0xFFFE != 0xFFFE { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }
}
