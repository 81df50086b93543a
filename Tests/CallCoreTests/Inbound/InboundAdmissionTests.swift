import CallCore
import Testing

/// Which INVITEs become calls (mapping §3).
@Suite("Admission of an inbound call")
struct InboundAdmissionTests {
    @Test(arguments: [
        (true, false, true, true, Int?.none),
        (false, false, true, true, 403), (false, true, false, false, 403),
        (true, true, true, true, 503), (true, true, false, false, 503),
        (true, false, false, true, 404), (true, false, false, false, 404),
        (true, false, true, false, 480),
    ])
    func refusals(isFromTrunk: Bool, isOverloaded: Bool, isServed: Bool, hasDevices: Bool, status: Int?) {
        let admission = InboundAdmission(
            isFromTrunk: isFromTrunk, isOverloaded: isOverloaded, isServed: isServed, hasDevices: hasDevices)
        #expect(admission.refusal?.status == status)
        #expect((admission.refusal?.retryAfter != nil) == (status == 503), "Retry-After goes with overload alone")
    }

    @Test("Where there is no time for it now, a peer is kept away for a second, not for five")
    func isBusy() {
        var admission = InboundAdmission(
            isFromTrunk: true, isOverloaded: false, isBusy: true, isServed: false, hasDevices: false)
        #expect(admission.refusal == InboundAdmission.Refusal(503, retryAfter: 1))
        admission.isOverloaded = true
        #expect(admission.refusal == InboundAdmission.Refusal(503, retryAfter: 5))
        admission.isFromTrunk = false
        #expect(admission.refusal?.status == 403)
    }
}
