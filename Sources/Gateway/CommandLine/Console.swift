import Glibc

/// Plain text to the operator who typed a command. What a running gateway has to say goes to the log.
enum Console {
    /// To standard output.
    static func output(_ text: String) { write(text, to: STDOUT_FILENO) }

    /// To standard error.
    static func error(_ text: String) { write(text, to: STDERR_FILENO) }

    /// Writes all of it; a reader that has gone is no error of ours.
    private static func write(_ text: String, to descriptor: Int32) {
        _ = WholeWrite.write(Array(text.utf8), to: descriptor)
    }
}
