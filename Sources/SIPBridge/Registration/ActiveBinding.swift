import CSofiaSIP
import CallCore

/// A binding at a trunk's registrar: its state, its timer, and the transaction it owns. On the SIP thread only.
final class ActiveBinding: Deadlined {
    /// Told until when the network keeps it, on the agent's clock.
    typealias Reply = @Sendable (Result<UInt64, RegistrationFailure>) -> Void

    let number: UInt64
    let trunk: Int
    /// The number it is for; nil: the trunk itself.
    let phone: PhoneNumber?
    /// Whose credentials it has.
    let account: Account
    /// The user of the address of record and of our Contact.
    let user: String
    /// All REGISTERs for it have the same, and a CSeq that goes up (RFC 3261 §10.2).
    let callID: String
    var sequence: UInt32 = 0
    var state: RegistrarBinding
    /// The REGISTER, until its final response.
    var client: OpaquePointer?
    /// How challenges to it were answered.
    var exchange = DigestExchange()
    /// The trunk's address that it is sent to, while it is under way.
    var peer: Int?
    /// Addresses at which it has failed.
    var tried: Set<Int> = []
    /// It waits for the first address that the trunk's names lead to.
    var isHeld = false
    /// The last one has waited for that in vain.
    var isStranded = false
    /// The Route that the registrar wants further requests to have (RFC 3608).
    var serviceRoute: String?
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
    /// Final responses to REGISTERs since the start, by trunk.
    var counts: [RegisterCounts]

    init(trunks: Int) { counts = Array(repeating: RegisterCounts(), count: trunks) }

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
        if let phone = binding.phone { ofNumbers[phone] = nil } else { ofTrunks[binding.trunk] = nil }
        guard binding.account.number != nil else { return }
        (authentications[binding.account], nonces[binding.account]) = (nil, nil)
    }

    /// The binding's timer is to run as its state says.
    mutating func reschedule(_ binding: ActiveBinding) {
        if let wake = binding.state.wake {
            deadlines.update(binding, deadline: wake)
        } else {
            deadlines.remove(binding)
        }
    }
}

/// Final responses to the REGISTERs of a trunk; a challenge that was answered is none.
public struct RegisterCounts: Sendable, Equatable {
    /// 2xx.
    public var accepted = 0
    /// Everything else, and no response at all.
    public var failed = 0
}
