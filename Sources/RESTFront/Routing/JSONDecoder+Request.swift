import CallCore
import Foundation

extension JSONDecoder {
    /// A request's body, which must be a JSON object.
    /// - Throws: 400 that says what it is instead.
    func body<Body: Decodable>(_ type: Body.Type, of request: HTTPRequest) throws(CAMARAError) -> Body {
        guard !request.body.isEmpty else { throw .invalidArgument("The request has no body; a JSON object is needed.") }
        do {
            return try decode(type, from: request.body)
        } catch DecodingError.typeMismatch {
            throw .invalidArgument("The request body must be a JSON object.")
        } catch {
            throw .invalidArgument("The request body is not valid JSON.")
        }
    }
}
