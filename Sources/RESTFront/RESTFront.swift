import Foundation
import LibEvent
import Cjose
