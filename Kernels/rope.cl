// Rotary position embedding. A unit is a pair of channels (i, i + rotary/2) or one channel beyond the rotary size, so
// that y may be a.

WALK_KERNEL ofmu_rope(REALS(y), REALS(a), REALS(cosines), REALS(sines), IDS(positions), Integers n, Reals x) {
    USE(y);
    USE(a);
    USE(cosines);
    USE(sines);
    USE_IDS(positions);
    long tokens = n.v[0], heads = n.v[1], size = n.v[2], pairs = n.v[3] / 2;
    long units = size - pairs;
    float sign = n.v[4];
    FOR_WALK(row, unit, units)
    long token = divide(row, heads);
    if (token >= tokens) return;
    y += row * size;
    a += token * n.v[5] + (row - token * heads) * n.v[6];
    long position = positions[token];
    if (position < 0 || position >= n.v[7]) {
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
