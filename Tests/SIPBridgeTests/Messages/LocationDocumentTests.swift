import CallCore
import Foundation
import TestPeer
import Testing

@testable import SIPBridge

/// A location as the network reads it (emergency design 6; RFC 4119, 5491, 7459).
@Suite("Locations in PIDF-LO")
struct LocationDocumentTests {
    /// 2023-11-14T22:13:20Z
    static let now = Date(timeIntervalSince1970: 1_700_000_000)

    private func document(_ location: Location, entity: String = "pres:+17085852753@gw.example") -> LocationDocument {
        LocationDocument(
            location: location, entity: entity, device: "urn:uuid:00000000-0000-4000-8000-000000000000",
            mayBeForwarded: true, now: Self.now)
    }

    static let ellipsoid = Location.Area.ellipsoid(
        altitude: -12.5, semiMajor: 50, semiMinor: 40, vertical: 10.25, orientation: 45)

    /// Places whose documents have every element, and none that may be missing; and numbers that are written oddly.
    static let locations: [Location] = [
        Location(latitude: 47.6, longitude: -122.3, area: .circle(radius: 35)),
        Location(latitude: -90, longitude: 180, area: .circle(radius: 0)),
        Location(latitude: 1e-7, longitude: -0.0, area: .circle(radius: 1e22)),
        Location(latitude: 1, longitude: 2, area: ellipsoid),
        Location(
            latitude: 1, longitude: 2, area: ellipsoid, method: .deviceBasedHELO,
            confidence: .init(percent: 95.5, form: .uniform), time: Date(timeIntervalSince1970: 1_759_779_085)),
        Location(
            latitude: 1, longitude: 2, area: .circle(radius: 3), method: .gps,
            confidence: .init(percent: 1e-9, form: .normal)),
        Location(latitude: 1, longitude: 2, area: .circle(radius: 3), confidence: .init(percent: 0)),
        Location(latitude: 1, longitude: 2, area: .circle(radius: 3), confidence: .init(percent: 100, form: .normal)),
        Location(latitude: 1, longitude: 2, area: .circle(radius: 3), time: .distantFuture),
    ]

    @Test(arguments: locations) func everyDocumentFollowsTheSchemas(location: Location) throws {
        let problems = try Schemas.problems(of: document(location).text)
        #expect(problems == nil, "\(document(location).text)")
    }

    /// The schemas would say so if it were not so.
    @Test(arguments: [
        ("EPSG::4326", "EPSG::4979"), ("EPSG::9001", "EPSG::9002"), ("<gml:pos>47.6", "<gml:pos>north"),
        ("radius", "Radius"), (">true<", ">yes<"), ("2023-11-14", "2023-11-31"), (">35.0<", ">-1<"),
        ("</gp:usage-rules>", "</gp:usage-rules><gp:method>Other</gp:method>"), ("<dm:deviceID>", "<dm:deviceId>"),
    ])
    func theSchemasAreStrict(right: String, wrong: String) throws {
        let text = document(Self.locations[0]).text
        #expect(text.contains(right))
        #expect(try Schemas.problems(of: text.replacing(right, with: wrong)) != nil)
    }

    @Test func whatIsWritten() {
        let text = document(Self.locations[4]).text
        for part in [
            "<gml:pos>1.0 2.0 -12.5</gml:pos>", "<gs:Ellipsoid srsName=\"urn:ogc:def:crs:EPSG::4979\">",
            "<gs:orientation uom=\"urn:ogc:def:uom:EPSG::9102\">45.0</gs:orientation>",
            "<con:confidence pdf=\"rectangular\">95.5</con:confidence>", "<gp:method>DBH_HELO</gp:method>",
            "<dm:timestamp>2025-10-06T19:31:25.000Z</dm:timestamp>", "entity=\"pres:+17085852753@gw.example\"",
        ] { #expect(text.contains(part), "\(part)") }
        let usual = document(Self.locations[0]).text
        #expect(usual.contains("<dm:timestamp>2023-11-14T22:13:20.000Z</dm:timestamp>"), "now, where none is told")
        for part in ["confidence>", "gp:method"] { #expect(!usual.contains(part)) }
        #expect(!document(Self.locations[6]).text.contains("<con:"), "0 and 100 are none (RFC 7459 §4)")
    }

    @Test func whateverIsPutInIsEscaped() throws {
        let hostile = "pres:\"><x a='&amp;]]>\r\n\u{0}\u{FFFF}Zoë"
        let text = document(Self.locations[0], entity: hostile).text
        #expect(text.contains("entity=\"pres:&quot;&gt;&lt;x a=&apos;&amp;amp;]]&gt;  Zoë\""))
        #expect(try Schemas.problems(of: document(Self.locations[0], entity: "pres:a&b@gw.example").text) == nil)
    }

    @Test func theBodyHoldsBothParts() {
        let body = MixedBody(description: "v=0\r\n", location: "<x/>", name: "f00d", host: "gw.example")
        #expect(body.contentType == "multipart/mixed;boundary=\"f00d\"")
        #expect(body.headers == "Geolocation: <cid:f00d@gw.example>\nGeolocation-Routing: yes")
        #expect(
            body.text == """
                --f00d\r
                Content-Type: application/sdp\r
                \r
                v=0\r
                \r
                --f00d\r
                Content-Type: application/pidf+xml\r
                Content-ID: <f00d@gw.example>\r
                Content-Disposition: by-reference;handling=optional\r
                \r
                <x/>\r
                --f00d--\r

                """)
    }
}

/// The schemas of the folder `Schemas`, and libxml2 that knows how to hold a document against them.
enum Schemas {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Schemas/pidf.xsd")

    /// What is wrong with a document; nil: nothing.
    static func problems(of document: String) throws -> String? {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/xmllint")
        process.arguments = ["--nonet", "--noout", "--schema", file.path(percentEncoded: false), "-"]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardError = output
        process.standardOutput = output
        try process.runChild()
        try input.fileHandleForWriting.write(contentsOf: Data(document.utf8))
        try input.fileHandleForWriting.close()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? nil : text
    }
}
