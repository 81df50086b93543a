/// Values that refer to each other by handle. A handle to a removed value finds nothing, even if its place was given to
/// another one.
struct Slab<Element: Sendable>: Sendable {
    struct Handle: Hashable, Sendable {
        fileprivate let index: UInt32
        fileprivate let generation: UInt32

        /// The place, for tables beside the slab: below the number of values there ever were at once.
        var place: Int { Int(index) }
    }

    private struct Cell {
        var generation: UInt32
        var element: Element?
    }

    private var cells: [Cell] = []
    private var free: [UInt32] = []

    var count: Int { cells.count - free.count }

    mutating func insert(_ element: Element) -> Handle {
        if let index = free.popLast() {
            cells[Int(index)].element = element
            return Handle(index: index, generation: cells[Int(index)].generation)
        }
        cells.append(Cell(generation: 0, element: element))
        return Handle(index: UInt32(cells.count - 1), generation: 0)
    }

    func contains(_ handle: Handle) -> Bool {
        let cell = cells[Int(handle.index)]
        return cell.generation == handle.generation && cell.element != nil
    }

    /// The value, to be changed in place: `slab[handle]?.count += 1`. Nil, and no change, if it was removed.
    subscript(handle: Handle) -> Element? {
        get { contains(handle) ? cells[Int(handle.index)].element : nil }
        // In place: with a setter, each change of a collection inside the value would copy the collection.
        _modify {
            if contains(handle) {
                yield &cells[Int(handle.index)].element
            } else {
                var none: Element?
                yield &none
            }
        }
    }

    mutating func remove(_ handle: Handle) {
        guard contains(handle) else { return }
        cells[Int(handle.index)].element = nil
        cells[Int(handle.index)].generation &+= 1
        free.append(handle.index)
    }

    /// The handle of the value in that place, if there is one.
    func handle(at place: Int) -> Handle? {
        guard cells.indices.contains(place), cells[place].element != nil else { return nil }
        return Handle(index: UInt32(place), generation: cells[place].generation)
    }

    var handles: [Handle] {
        cells.indices.compactMap { index in
            cells[index].element == nil
                ? nil : Handle(index: UInt32(index), generation: cells[index].generation)
        }
    }
}
