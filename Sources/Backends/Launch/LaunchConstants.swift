/// The numbers that the host counts work-items by and the kernels' texts are compiled with. They are written here and nowhere else:
/// the texts get them as macros of the same names.
enum LaunchConstants {
    /// Columns of a row that one item walks on CPU devices.
    static let walk = 4096
    /// Neighbouring columns that are summed together.
    static let sumColumns = 16
    /// The tile of a product that a group computes, how deep it goes at a time, and what of it one item computes.
    static let tile = (rows: 64, columns: 64, depth: 16, itemRows: 8, itemColumns: 4)
    static let tileItems = tile.rows / tile.itemRows * (tile.columns / tile.itemColumns)

    static let definitions: [(name: String, value: Int)] = [
        ("WALK", walk), ("SUM_COLUMNS", sumColumns), ("TILE_M", tile.rows),
        ("TILE_N", tile.columns), ("TILE_K", tile.depth), ("ITEM_M", tile.itemRows), ("ITEM_N", tile.itemColumns),
    ]
}
