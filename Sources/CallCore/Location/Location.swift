import Foundation

/// Where a caller is: CAMARA's `LocationDetails`, checked. Every number is finite, and none is of a network's or an
/// application's writing any more.
public struct Location: Sendable, Hashable {
    /// Degrees of WGS 84, north of the equator; -90 to 90.
    public var latitude: Double
    /// Degrees east of Greenwich; -180 to 180.
    public var longitude: Double
    /// The region around that point in which the caller is.
    public var area: Area
    /// How the place was found; nil: not told, or in a way that has no registered name.
    public var method: Method?
    /// How sure it is that the caller is in the area; nil: not told.
    public var confidence: Confidence?
    /// When the caller was there; nil: now.
    public var time: Date?

    /// Takes every value as given.
    public init(
        latitude: Double, longitude: Double, area: Area, method: Method? = nil, confidence: Confidence? = nil,
        time: Date? = nil
    ) {
        self.latitude = latitude
        self.longitude = longitude
        self.area = area
        self.method = method
        self.confidence = confidence
        self.time = time
    }

    /// The shapes that CAMARA has; lengths in metres, none negative.
    public enum Area: Sendable, Hashable {
        case circle(radius: Double)
        /// `altitude` in metres above the ellipsoid of WGS 84, `orientation` of the major axis in degrees from north.
        case ellipsoid(
            altitude: Double, semiMajor: Double, semiMinor: Double, vertical: Double, orientation: Double)
    }

    /// The tokens of IANA's registry of location methods that CAMARA has (RFC 4119 §6.1).
    public enum Method: String, Sendable, CaseIterable {
        case gps = "GPS"
        case deviceBased = "DBH"
        case deviceBasedHELO = "DBH_HELO"
    }

    /// RFC 7459 §4.
    public struct Confidence: Sendable, Hashable {
        /// The forms of the probability density; the raw values are CAMARA's words.
        public enum Form: String, Sendable, CaseIterable {
            case normal
            case uniform
        }

        /// Per cent, 0 to 100.
        public var percent: Double
        /// Nil: not told.
        public var form: Form?

        /// Takes every value as given.
        public init(percent: Double, form: Form? = nil) {
            self.percent = percent
            self.form = form
        }
    }
}
