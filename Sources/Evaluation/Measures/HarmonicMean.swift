/// The harmonic mean: 0 if any value is, and NaN of none or of negative ones.
package func harmonicMean(_ values: [Double]) -> Double {
    guard !values.isEmpty, values.allSatisfy({ $0 >= 0 }) else { return .nan }
    if values.contains(0) { return 0 }
    return Double(values.count) / values.reduce(0) { $0 + 1 / $1 }
}
