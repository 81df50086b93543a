/// Times of two kinds of request, and whether they differ. Nothing is assumed about how they are distributed: on a busy
/// machine some are a thousand times the others.
struct TwoSamples {
    var first: [UInt64] = []
    var second: [UInt64] = []

    static func median(_ values: [UInt64]) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1
            ? Double(sorted[middle]) : (Double(sorted[middle - 1]) + Double(sorted[middle])) / 2
    }

    /// How much longer the first takes, by the medians.
    var distance: Double { TwoSamples.median(first) - TwoSamples.median(second) }

    /// The statistic of Mann and Whitney's test (1947) as a standard normal deviate, corrected for ties: how far the first
    /// are ranked above the second. Beyond 3 by chance once in 370 times, beyond 6 never; a
    /// difference that no one could use, such as a few nanoseconds, still shows in enough samples.
    var z: Double {
        let (n, m) = (Double(first.count), Double(second.count))
        guard n > 0, m > 0 else { return 0 }
        let all = (first.map { ($0, true) } + second.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var ranks = 0.0
        var ties = 0.0
        var index = 0
        while index < all.count {
            var end = index
            while end < all.count, all[end].0 == all[index].0 { end += 1 }
            let size = Double(end - index)
            // Equal times share the mean of their ranks, which are counted from 1.
            let rank = Double(index + end + 1) / 2
            ranks += rank * Double(all[index..<end].count { $0.1 })
            ties += size * size * size - size
            index = end
        }
        let total = n + m
        let variance = n * m / 12 * (total + 1 - ties / (total * (total - 1)))
        guard variance > 0 else { return 0 }
        return (ranks - n * (n + 1) / 2 - n * m / 2) / variance.squareRoot()
    }
}
