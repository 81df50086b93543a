import CallCore
import Configuration
import Glibc
import SIPBridge

/// The record of a call that has ended: one line, in the log or in a file of its own. docs/monitoring.md has every field.
extension Log {
    /// A log that appends records to the file at `path`, one JSON object a line whatever the log's own format is.
    /// - Throws: why the file cannot be written.
    init(recordsAt path: String, like log: Configuration.Log) throws(RecordFileError) {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw RecordFileError(path: path, cause: String(cString: strerror(errno)))
        }
        var settings = log
        (settings.level, settings.format) = (.info, .json)
        self.init(settings, descriptor: descriptor)
    }

    /// Writes the record. A field that a call has no value for is left out.
    /// That of an emergency call is written at any level.
    func tell(_ record: CallRecord) {
        if record.service != nil { return always(.info, "call ended", record.fields) }
        info("call ended", record.fields)
    }

    /// An emergency call begins: told at any level. A warning, if something of its request was not as it should be.
    func tell(_ call: EmergencyNotice) {
        var fields: [LogField] = [
            .mediaSessionID(call.session.rawValue), .correlator(call.correlator),
            LogField("service", .text(call.service)),
            LogField("location", .boolean(call.hasLocation)), LogField("number", .boolean(call.hasNumber)),
        ]
        if !call.notes.isEmpty { fields.append(.reason(call.notes.joined(separator: "; "))) }
        always(call.notes.isEmpty ? .info : .warning, "emergency call", fields)
    }
}

/// The file of the call records cannot be written.
struct RecordFileError: Error, CustomStringConvertible {
    let path: String
    let cause: String

    var description: String {
        "callRecords.path: \(path): \(cause); create its folder, and let the gateway's user write there"
    }
}

extension CallRecord {
    /// In the order of the documentation.
    var fields: [LogField] {
        var fields: [LogField] = []
        fields.reserveCapacity(20)
        fields.append(.mediaSessionID(session.id.rawValue))
        if let callID { fields.append(.callID(callID)) }
        if let chargingID { fields.append(LogField("icid", .text(chargingID))) }
        if let service { fields.append(LogField("emergency", .text(service))) }
        if let correlator = session.correlator { fields.append(.correlator(correlator)) }
        fields.append(LogField("direction", .text(session.direction.rawValue)))
        if let trunk { fields.append(.trunk(trunk)) }
        fields.append(LogField("from", .phone(session.originatorAddress)))
        fields.append(LogField("to", .phone(session.receiverAddress)))
        fields.append(LogField("client", .text(session.owner.client)))
        fields.append(LogField("outcome", .text(outcome.rawValue)))
        fields.append(LogField("status", .text(session.status.rawValue)))
        if let sipStatus { fields.append(LogField("sipCode", .integer(sipStatus))) }
        if let reason = session.reason { fields.append(.reason(reason)) }
        if let postDialDelay { fields.append(LogField("postDialDelay", .duration(postDialDelay))) }
        if let answerTime { fields.append(LogField("answerTime", .duration(answerTime))) }
        if let talkTime { fields.append(LogField("talkTime", .duration(talkTime))) }
        fields.append(LogField("total", .duration(total)))
        fields.append(LogField("sequenceNumber", .integer(session.sequenceNumber)))
        return fields
    }
}
