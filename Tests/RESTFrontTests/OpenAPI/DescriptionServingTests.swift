import Foundation
import Testing

@testable import RESTFront

@Suite struct DescriptionServingTests {
    static let documents = [
        ("/openapi.json", "application/json"), ("/openapi.yaml", "application/yaml"),
        ("/docs", "text/html; charset=utf-8"), ("/docs.css", "text/css; charset=utf-8"),
    ]

    @Test(arguments: documents) func anybodyMayRead(path: String, contentType: String) {
        let server = DescribedServer()
        for method in [HTTPMethod.get, .head] {
            let response = server.respond(method, path)
            #expect(response.status == 200)
            #expect(response.header("Content-Type") == contentType)
            #expect(response.header("X-Content-Type-Options") == "nosniff")
            #expect(response.header("x-correlator") == "generated")
            // The listener leaves it out of the answer to HEAD and keeps its length.
            #expect(!response.body.isEmpty)
        }
    }

    @Test(arguments: documents) func nothingElseIsAllowed(path: String, contentType: String) {
        let server = DescribedServer()
        let options = server.respond(.options, path)
        #expect(options.status == 204)
        #expect(options.header("Allow") == "GET, HEAD, OPTIONS")
        for method in [HTTPMethod.post, .put, .delete, .other] {
            let response = server.respond(method, path)
            #expect(response.status == 405)
            #expect(response.header("Allow") == "GET, HEAD, OPTIONS")
        }
    }

    @Test func onlyTheDescriptionNeedsNoToken() {
        #expect(DescribedServer().respond(.get, "/webrtc/sessions/A").status == 401)
        #expect(DescribedServer().respond(.get, "/openapi.json/").status == 404)
    }

    @Test func itStandsBelowThePrefix() throws {
        let server = DescribedServer(prefix: "/camara")
        #expect(server.respond(.get, "/openapi.json").status == 404)
        let response = server.respond(.get, "/camara/openapi.json")
        #expect(response.status == 200)
        let servers = try #require(response.json["servers"] as? [[String: Any]])
        #expect(servers.first?["url"] as? String == "/camara")
        #expect((response.json["paths"] as? [String: Any])?["/webrtc/sessions"] != nil)
    }

    @Test func thePageLoadsItsOwnStyleAndNothingElse() {
        let response = DescribedServer().respond(.get, "/docs")
        let page = String(decoding: response.body, as: UTF8.self)
        #expect(
            response.header("Content-Security-Policy")
                == "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
        #expect(!page.contains("<script") && !page.contains("<style") && !page.contains(" style="))
        #expect(!page.contains("src=") && !page.contains("href=\"http"))
        #expect(page.contains("<link rel=\"stylesheet\" href=\"docs.css\">"))
        #expect(page.contains("/webrtc-call-handling/v0.4/sessions/{mediaSessionId}/status"))
    }

    @Test func theTextOfThePageIsNeverMarkup() {
        var html = HTMLText()
        html.element("p", ["title": "\"'><b>"]) { $0.commonMark("<script>&`<i>`") }
        #expect(
            html.html
                == "<p title=\"&quot;&#39;&gt;&lt;b&gt;\"><p>&lt;script&gt;&amp;<code>&lt;i&gt;</code></p>\n</p>\n")
    }

    @Test func everyLinkOfThePageLeadsSomewhere() {
        let page = String(decoding: DescribedServer().respond(.get, "/docs").body, as: UTF8.self)
        let anchors = Set(page.matches(of: /id="([^"]*)"/).map { String($0.1) })
        let links = Set(page.matches(of: /href="#([^"]*)"/).map { String($0.1) })
        #expect(!links.isEmpty)
        #expect(links.subtracting(anchors).isEmpty)
    }
}
