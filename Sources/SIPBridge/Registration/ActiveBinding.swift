import CSofiaSIP
import CallCore

/// A binding at a trunk's registrar: its state, its timer, and the transaction it owns. On the SIP thread only.
final class ActiveBinding: Deadlined {
    /// Told until when the network keeps it, on the agent's clock.
    typealias Reply = @Sendable (Result<UInt64, RegistrationFailure>) -> Void

    let number: UInt64
    /// By its index; another one if the configuration changes the trunk.
    private(set) var trunk: Int
    /// The number it is for; nil: the trunk itself.
    let phone: PhoneNumber?
    /// Whose credentials it has.
    private(set) var account: Account
    /// The user of the address of record and of our Contact.
    let user: String
    /// All REGISTERs for it have the same, and a CSeq that goes up (RFC 3261 §10.2).
    let callID: String
    var sequence: UInt32 = 0
    /// How often one was sent, or could not be.
    var sendings: UInt64 = 0
    var state: RegistrarBinding
    /// The REGISTER, until its final response.
    var client: OpaquePointer?
    /// How challenges to it were answered.
    var exchange = DigestExchange()
    /// The trunk's address that it is sent to, while it is under way.
    var peer: Int?
    /// Addresses at which it has failed.
    var tried: Set<Int> = []
    /// When that address has been silent for so long that the next one is asked; `UInt64.max`: there is none.
    var silentAt = UInt64.max
    /// It waits for the first address that the trunk's names lead to.
    var isHeld = false
    /// The last one has waited for that in vain.
    var isStranded = false
    /// The Route that the registrar wants further requests to have (RFC 3608).
    var serviceRoute: String?
    /// It belongs to a trunk that has been changed, and is to be registered again in its turn.
    var isToRenew = false
    /// Who waits for the REGISTER that is under way.
    var asked: [Reply] = []
    /// Who waits for the one after it.
    var waiting: [Reply] = []
    var deadline = UInt64.max
    var heapIndex = -1

    init(
        number: UInt64, trunk: Int, phone: PhoneNumber?, account: Account, user: String, callID: String,
        state: RegistrarBinding
    ) {
        self.account = account
        self.number = number
        self.trunk = trunk
        self.phone = phone
        self.user = user
        self.callID = callID
        self.state = state
    }

    /// Whoever waits for an answer, to be told something else.
    func takeReplies() -> [Reply] {
        defer { (asked, waiting) = ([], []) }
        return asked + waiting
    }

    /// It is another trunk's from now on, and has that one's credentials or its own there. What was under way is not answered.
    func move(to trunk: Int, _ account: Account) {
        (self.trunk, self.account) = (trunk, account)
        if let client { csip_client_destroy(client) }
        (client, peer, tried, silentAt, exchange) = (nil, nil, [], .max, DigestExchange())
        isHeld = false
    }
}

/// The bindings there are. On the SIP thread only.
struct ActiveBindings {
    var all: [UInt64: ActiveBinding] = [:]
    var ofNumbers: [PhoneNumber: ActiveBinding] = [:]
    /// Of the trunks themselves, by their indices.
    var ofTrunks: [Int: ActiveBinding] = [:]
    var deadlines = DeadlineQueue<ActiveBinding>()
    /// Which challenges of registrars are answered.
    var authentications: [Account: TrunkAuthentication] = [:]
    /// The nonces of registrars and of the proxies before them, for every address of record of the account. Not for calls:
    /// they would go to whoever is called (RFC 3261 §22.2).
    var nonces: [Account: DigestSessions] = [:]
    /// Final responses to REGISTERs since the start, by the trunk's name, which it keeps when it changes.
    private(set) var counts: [String: RegisterCounts] = [:]

    mutating func insert(_ binding: ActiveBinding, _ credentials: DigestCredentials?) {
        if let credentials, authentications[binding.account] == nil {
            authentications[binding.account] = TrunkAuthentication(credentials)
        }
        all[binding.number] = binding
        if let phone = binding.phone { ofNumbers[phone] = binding } else { ofTrunks[binding.trunk] = binding }
    }

    mutating func remove(_ binding: ActiveBinding) {
        deadlines.remove(binding)
        all[binding.number] = nil
        detach(binding)
        guard binding.account.number != nil else { return }
        (authentications[binding.account], nonces[binding.account]) = (nil, nil)
    }

    /// It is no more what its number or its trunk is registered by.
    mutating func detach(_ binding: ActiveBinding) {
        if let phone = binding.phone {
            if ofNumbers[phone] === binding { ofNumbers[phone] = nil }
        } else if ofTrunks[binding.trunk] === binding {
            ofTrunks[binding.trunk] = nil
        }
    }

    /// Another trunk has this index from now on; no binding is at it.
    mutating func begin(_ index: Int) {
        authentications = authentications.filter { $0.key.trunk != index }
        nonces = nonces.filter { $0.key.trunk != index }
    }

    /// A REGISTER to a trunk has come to its end.
    mutating func count(_ trunk: String, isAccepted: Bool) {
        if isAccepted {
            counts[trunk, default: RegisterCounts()].accepted += 1
        } else {
            counts[trunk, default: RegisterCounts()].failed += 1
        }
    }

    /// Forgets what trunks that are gone have counted.
    mutating func keepCounts(of trunks: Set<String>) { counts = counts.filter { trunks.contains($0.key) } }

    /// The binding's timer is to run as its state says.
    mutating func reschedule(_ binding: ActiveBinding) {
        let wake = min(binding.state.wake ?? .max, binding.silentAt)
        if wake < .max { deadlines.update(binding, deadline: wake) } else { deadlines.remove(binding) }
    }
}

/// Final responses to the REGISTERs of a trunk; a challenge that was answered is none.
public struct RegisterCounts: Sendable, Equatable {
    /// 2xx.
    public var accepted = 0
    /// Everything else, and no response at all.
    public var failed = 0
}
