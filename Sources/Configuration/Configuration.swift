import Foundation
import LibYAML
