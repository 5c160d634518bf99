extension StoredType {
    /// Numbers as they come back from a file of this type; the same ones where files cannot be written in it.
    package func rounded(_ values: [Float]) -> [Float] {
        guard let narrowing, let decoder, !values.isEmpty else { return values }
        return withUnsafeTemporaryAllocation(byteCount: 2 * values.count, alignment: 2) { stored in
            guard let start = stored.baseAddress else { return values }
            return [Float](unsafeUninitializedCapacity: values.count) { target, filled in
                values.withUnsafeBufferPointer { source in
                    guard let from = source.baseAddress, let to = target.baseAddress else { return }
                    narrowing(from, start, source.count)
                    decoder(start, to, source.count)
                    filled = source.count
                }
            }
        }
    }
}
