// RMS and layer normalisation without weights, their scales, and their tangents.

#define SELF(LOAD) LOAD(a)
#define SQUARE(LOAD) LOAD(a) * LOAD(a)
#define SQUARED_DEVIATION(LOAD) (LOAD(a) - mean) * (LOAD(a) - mean)
#define SCALED(LOAD) LOAD(a) * factor
#define NORMALISED(LOAD) (LOAD(a) - mean) * factor

#define RMS_FACTOR                                                                                                     \
    long columns = n.columns;                                                                                          \
    a += row * columns;                                                                                                \
    ROW_SUM(squares, columns, SQUARE)                                                                                  \
    float factor = 1.0f / sqrt(squares / columns + x.epsilon);

// Two passes: E[a²] − E[a]² cancels when the mean is large.
#define LAYER_FACTOR                                                                                                   \
    long columns = n.columns;                                                                                          \
    a += row * columns;                                                                                                \
    ROW_SUM(mean, columns, SELF)                                                                                       \
    mean /= columns;                                                                                                   \
    ROW_SUM(squares, columns, SQUARED_DEVIATION)                                                                       \
    float factor = 1.0f / sqrt(squares / columns + x.epsilon);

ROW_KERNEL ofmu_rms_norm(REALS(y), REALS(a), NUMBERS(rms_norm)) {
    USE(y);
    USE(a);
    ROW_BEGIN
    RMS_FACTOR
    y += row * columns;
    ROW_MAP(y, columns, SCALED)
}

ROW_KERNEL ofmu_rms_scale(REALS(y), REALS(a), NUMBERS(rms_scale)) {
    USE(y);
    USE(a);
    ROW_BEGIN
    RMS_FACTOR
    if (ROW_LEADER) y[row] = factor;
}

ROW_KERNEL ofmu_layer_norm(REALS(y), REALS(a), NUMBERS(layer_norm)) {
    USE(y);
    USE(a);
    ROW_BEGIN
    LAYER_FACTOR
    y += row * columns;
    ROW_MAP(y, columns, NORMALISED)
}

ROW_KERNEL ofmu_layer_scale(REALS(y), REALS(a), NUMBERS(layer_scale)) {
    USE(y);
    USE(a);
    ROW_BEGIN
    LAYER_FACTOR
    if (ROW_LEADER) y[row] = factor;
}

#define PRODUCT(LOAD) LOAD(y) * LOAD(v)
#define DIRECTION(LOAD) LOAD(v)

ROW_KERNEL ofmu_rms_tangent(REALS(z), REALS(y), REALS(n_), REALS(v), NUMBERS(rms_tangent)) {
    USE(z);
    USE(y);
    USE(n_);
    USE(v);
    ROW_BEGIN
    long columns = n.columns;
    z += row * columns;
    y += row * columns;
    v += row * columns;
    float factor = n_[row];
    ROW_SUM(along, columns, PRODUCT)
    along /= columns;
#define TANGENT(LOAD) factor *(LOAD(v) - LOAD(y) * along)
    ROW_MAP(z, columns, TANGENT)
#undef TANGENT
}

ROW_KERNEL ofmu_layer_tangent(REALS(z), REALS(y), REALS(n_), REALS(v), NUMBERS(layer_tangent)) {
    USE(z);
    USE(y);
    USE(n_);
    USE(v);
    ROW_BEGIN
    long columns = n.columns;
    z += row * columns;
    y += row * columns;
    v += row * columns;
    float factor = n_[row];
    ROW_SUM(along, columns, PRODUCT)
    along /= columns;
    ROW_SUM(mean, columns, DIRECTION)
    mean /= columns;
#define TANGENT(LOAD) factor *(LOAD(v) - mean - LOAD(y) * along)
    ROW_MAP(z, columns, TANGENT)
#undef TANGENT
}
