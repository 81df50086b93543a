import Foundation

/// The request methods the API knows; everything else is `other`.
public enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
    case options = "OPTIONS"
    case other = "OTHER"
}

/// The request headers the API reads. The listener looks for these alone; a request's other headers are never copied.
enum HeaderField: Int, CaseIterable {
    case authorization
    case contentType
    case accept
    case correlator
    case registrationID

    /// In lower case (RFC 9110 §5.1: names are case-insensitive).
    var name: StaticString {
        switch self {
        case .authorization: "authorization"
        case .contentType: "content-type"
        case .accept: "accept"
        case .correlator: "x-correlator"
        case .registrationID: "registrationid"
        }
    }
}

/// One request as the router sees it: no socket, no library type.
struct HTTPRequest {
    var method: HTTPMethod
    /// The path as it was sent, escapes included, without the query.
    var path: String
    /// What follows the path's `?` as it was sent; nil without one.
    var query: String?
    /// In the order they came; a field may be there several times.
    var fields: [(field: HeaderField, value: String)] = []
    var body = Data()

    /// The field's value; several lines are one list (RFC 9110 §5.3). Nil if the field is missing.
    func value(of field: HeaderField) -> String? {
        var joined: String?
        for entry in fields where entry.field == field {
            joined = joined.map { "\($0), \(entry.value)" } ?? entry.value
        }
        return joined
    }
}

/// One response. The listener adds `Date`, `Content-Length` and, where it must, `Connection: close`.
struct HTTPResponse: Equatable {
    var status: Int
    var headers: [Header] = []
    /// JSON; empty for 204.
    var body = Data()

    struct Header: Equatable {
        var name: String
        var value: String
    }

    /// The first header of that name.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// The reason phrase where libevent does not know the registered one (RFC 9110 §15.5.21, RFC 6585 §4); else nil.
    var phrase: String? {
        switch status {
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        default: nil
        }
    }
}
