// Rotary position embedding. A unit is a pair of channels (i, i + rotary/2) or one channel beyond the rotary size, so
// that y may be a.

WALK_KERNEL ofmu_rope(REALS(y), REALS(a), REALS(cosines), REALS(sines), IDS(positions), NUMBERS(rope)) {
    USE(y);
    USE(a);
    USE(cosines);
    USE(sines);
    USE_IDS(positions);
    long tokens = n.tokens, heads = n.heads, size = n.head_size, pairs = n.rotary_size / 2;
    long units = size - pairs;
    float sign = n.sign;
    FOR_WALK(row, unit, units)
    long token = divide(row, heads);
    if (token >= tokens) return;
    y += row * size;
    a += token * n.token_stride_of_a + (row - token * heads) * n.head_stride_of_a;
    long position = positions[token];
    if (position < 0 || position >= n.positions) {
        // No angle: the channels stay as they are.
        EACH_COLUMN(unit) {
            if (unit < pairs) y[unit] = a[unit];
            y[unit + pairs] = a[unit + pairs];
        }
        return;
    }
    cosines += position * pairs;
    sines += position * pairs;
    EACH_COLUMN(unit) {
        if (unit < pairs) {
            float c = cosines[unit], s = sign * sines[unit];
            float p = a[unit], q = a[unit + pairs];
            y[unit] = p * c - q * s;
            y[unit + pairs] = q * c + p * s;
        } else {
            y[unit + pairs] = a[unit + pairs];
        }
    }
}
