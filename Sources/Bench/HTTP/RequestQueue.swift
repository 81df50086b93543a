/// Requests that wait for a connection: those of calls that are up before those that begin one, each kind in its order.
struct RequestQueue {
    typealias Request = (operation: HTTPConnection.Operation, call: CallReference)

    private var beginning = Queue()
    private var others = Queue()

    private struct Queue {
        var requests: [Request] = []
        var next = 0
    }

    mutating func add(_ operation: HTTPConnection.Operation, _ call: CallReference) {
        if operation == .create {
            beginning.requests.append((operation, call))
        } else {
            others.requests.append((operation, call))
        }
    }

    mutating func take() -> Request? { RequestQueue.take(from: &others) ?? RequestQueue.take(from: &beginning) }

    private static func take(from queue: inout Queue) -> Request? {
        guard queue.next < queue.requests.count else { return nil }
        let request = queue.requests[queue.next]
        queue.next += 1
        // What is moved then has been taken for by as many.
        if queue.next * 2 >= queue.requests.count, queue.next == queue.requests.count || queue.next >= 1_024 {
            queue.requests.removeFirst(queue.next)
            queue.next = 0
        }
        return request
    }
}
