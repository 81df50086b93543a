import Foundation
import Testing

@testable import Configuration

@Test func theDemoLoads() throws {
    _ = try Configuration.load(path: "config/demo.yaml")
}
