/// Lets suites that measure time or memory run while no other suite of this folder runs. The others share the machine.
actor Turnstile {
    static let shared = Turnstile()

    private var sharing = 0
    private var isAlone = false
    private var waitingAlone: [CheckedContinuation<Void, Never>] = []
    private var waitingShared: [CheckedContinuation<Void, Never>] = []

    func enter(alone: Bool) async {
        while isAlone || (alone && sharing > 0) {
            await withCheckedContinuation { continuation in
                if alone { waitingAlone.append(continuation) } else { waitingShared.append(continuation) }
            }
        }
        if alone { isAlone = true } else { sharing += 1 }
    }

    func leave(alone: Bool) {
        if alone { isAlone = false } else { sharing -= 1 }
        // Everyone looks again; those who share go first, so the lone ones come last and do not split the crowd.
        let woken = waitingShared + (sharing == 0 ? waitingAlone : [])
        waitingShared = []
        if sharing == 0 { waitingAlone = [] }
        for continuation in woken { continuation.resume() }
    }
}
