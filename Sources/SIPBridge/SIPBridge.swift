import Foundation
import CSofiaSIP
import CallCore
