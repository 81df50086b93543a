import Metrics
import TestPeer
import Testing

@Suite struct ExpositionTests {
    private static let counter = MetricFamily("calls_total", .counter, labels: ["trunk"], "Calls.")
    private static let histogram = MetricFamily("delay_seconds", .histogram, labels: ["side"], "Delay.")

    @Test func exactText() {
        var page = Exposition()
        page.add(Self.counter, [(["core"], 3), (["edge"], 0)])
        page.add(MetricFamily("process_cpu_seconds_total", .counter, "CPU."), 1.25)
        var delay = Histogram(milliseconds: [10, 100])
        delay.record(nanoseconds: 10_000_000)
        delay.record(nanoseconds: 10_000_001)
        delay.record(nanoseconds: 2_000_000_000)
        page.add(Self.histogram, [(["sip"], delay)])
        #expect(
            page.text == """
                # HELP calls_total Calls.
                # TYPE calls_total counter
                calls_total{trunk="core"} 3
                calls_total{trunk="edge"} 0
                # HELP process_cpu_seconds_total CPU.
                # TYPE process_cpu_seconds_total counter
                process_cpu_seconds_total 1.25
                # HELP delay_seconds Delay.
                # TYPE delay_seconds histogram
                delay_seconds_bucket{side="sip",le="0.01"} 1
                delay_seconds_bucket{side="sip",le="0.1"} 2
                delay_seconds_bucket{side="sip",le="+Inf"} 3
                delay_seconds_sum{side="sip"} 2.020000001
                delay_seconds_count{side="sip"} 3

                """)
    }

    @Test("What a label's value may contain is escaped, and read back")
    func escapes() throws {
        let value = "a\\b\"c\nd{e=\"f\"}"
        var page = Exposition()
        page.add(MetricFamily("x_total", .counter, labels: ["y"], "A \\ and\na line."), [([value], 1)])
        let read = try MetricsText(page.text)
        #expect(read.families.first?.samples.first?.labels == ["y": value])
        #expect(read.families.first?.help == "A \\\\ and\\na line.")
    }

    @Test func histogramsAreTakenOver() {
        let taken = Histogram(milliseconds: [1, 2], counts: [4, 5, 6], sum: 77)
        #expect(taken.count == 15)
        #expect(taken.sum == 77)
        #expect(Histogram(milliseconds: [1, 2], counts: [4], sum: 0).counts == [4, 0, 0])
    }

    private static let broken: [String] = [
        "x_total 1\n", "# TYPE x_total counter\nx_total 1\n",
        "# HELP x_total X\n# TYPE x_total counter\ny_total 1\n",
        "# HELP x_total X\n# TYPE x_total counter\nx_total 1\nx_total 1\n",
        "# HELP x_total X\n# TYPE x_total counter\nx_total -1\n", "# HELP x X\n# TYPE x counter\nx 1\n",
        "# HELP x_total X\n# TYPE x_total counter\nx_total{a=\"1\" 1\n",
        "# HELP x_total X\n# TYPE x_total counter\nx_total 1",
        "# HELP d_seconds D\n# TYPE d_seconds histogram\nd_seconds_bucket{le=\"1\"} 1\n"
            + "d_seconds_sum 1\nd_seconds_count 1\n",
        "# HELP d_seconds D\n# TYPE d_seconds histogram\nd_seconds_bucket{le=\"1\"} 2\n"
            + "d_seconds_bucket{le=\"+Inf\"} 1\nd_seconds_sum 1\nd_seconds_count 1\n",
    ]

    @Test("The parser of the tests finds what is wrong", arguments: broken)
    func parserIsStrict(_ text: String) {
        #expect(throws: MetricsText.Malformed.self) { try MetricsText(text) }
    }
}
