import Files

extension ComparisonReport {
    /// Writes `report.md`, `results.csv`, `results.json` and a plot for each table.
    /// - Returns: the paths.
    @discardableResult
    package func write(to folder: String) throws(FileError) -> [String] {
        var files = [
            ("report.md", markdown), ("results.csv", csv), ("results.json", json.serialized(pretty: true) + "\n"),
        ]
        for group in groups { files.append(("pareto-\(group.stem).svg", ParetoPlot(group: group).svg)) }
        var paths: [String] = []
        for (name, text) in files {
            let file = try AtomicFile(path: joinPath(folder, name))
            try file.writer.write(text)
            paths.append(file.path)
            try file.commit()
        }
        return paths
    }
}
