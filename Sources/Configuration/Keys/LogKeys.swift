/// The keys below `log`.
enum LogKeys {
    static let section = SectionKey("log", "What is logged to standard error, and how.")
    static let level = Key(
        "log.level", .word(), default: Configuration.LogLevel.info, "The least severe level that is written.")
    static let format = Key(
        "log.format", .word(), default: Configuration.LogFormat.json, "One JSON object per line, or text for people.")
    static let maskNumbers = Key(
        "log.maskNumbers", .bool, default: true, "Whether phone numbers are hidden but for their last two digits.")

    static let rows: [Row] = [section.row, level.row, format.row, maskNumbers.row]
}

extension Configuration.Log {
    init(_ section: Section) {
        level = section.value(LogKeys.level)
        format = section.value(LogKeys.format)
        maskNumbers = section.value(LogKeys.maskNumbers)
    }
}
