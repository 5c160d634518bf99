/// The type of a tensor's elements. Both take four bytes on devices; the reference backend evaluates `real` in float64.
package enum ElementType: Hashable, Sendable {
    /// float32 on devices.
    case real
    /// int32: token ids, labels, positions. Never differentiated.
    case index
}
