import Glibc

/// What a classifier says of one set of images.
package struct ClassifierAnswers: Sendable, Hashable {
    /// Of each image, the class that gets most; of equals the first.
    package let predictions: [Int32]
    /// Of each image, its own class.
    package let labels: [Int32]
    /// Of each image, the probability of its own class.
    package let confidences: [Double]

    /// - Parameters:
    ///   - logits: [images, classes].
    ///   - labels: one for each image, below the number of classes.
    package init(logits: [[Float]], labels: [Int32]) {
        self.labels = labels
        predictions = logits.map { row in
            Int32(row.indices.dropFirst().reduce(0) { row[$1] > row[$0] ? $1 : $0 })
        }
        confidences = zip(logits, labels).map { row, label in
            let most = Double(row.max() ?? 0)
            let all = row.reduce(0) { $0 + exp(Double($1) - most) }
            return exp(Double(row[Int(label)]) - most) / all
        }
    }

    /// The share of images whose own class gets most, from 0 to 1.
    package var accuracy: Double {
        Double(zip(predictions, labels).count { $0 == $1 }) / Double(max(1, labels.count))
    }

    /// The same of each class that has images.
    package var accuracyByClass: [Int32: Double] {
        Dictionary(grouping: zip(predictions, labels), by: \.1).mapValues { pairs in
            Double(pairs.count { $0.0 == $0.1 }) / Double(pairs.count)
        }
    }
}

/// The measures of unlearning in classifiers of images, all from 0 to 1 (SalUn, arXiv 2310.12508; l1-sparse, arXiv 2304.04934).
package struct ClassificationMeasures: Sendable, Hashable {
    /// UA: the share of images to forget that are classified wrongly.
    package let unlearningAccuracy: Double
    /// RA: the share of images to keep that are classified rightly.
    package let remainingAccuracy: Double
    /// TA: of images that were not trained on, the share that are classified rightly.
    package let testingAccuracy: Double
    /// MIA: the share of images to forget that the attack by confidence takes for such as were not trained on.
    package let attackEfficacy: Double

    /// - Parameters:
    ///   - retain: in the order of the data: the attack's members are the first of them, as many as there are test images.
    ///   - test: for a class that is forgotten without its images, as the reference code has it.
    package init(forget: ClassifierAnswers, retain: ClassifierAnswers, test: ClassifierAnswers) {
        unlearningAccuracy = 1 - forget.accuracy
        remainingAccuracy = retain.accuracy
        testingAccuracy = test.accuracy
        // Features are float32's there.
        let features = { (values: ArraySlice<Double>) in values.map { Double(Float($0)) } }
        let attack = MembershipClassifier(
            members: features(retain.confidences.prefix(test.confidences.count)), others: features(test.confidences[...]))
        attackEfficacy = attack.shareOfOthers(features(forget.confidences[...]))
    }

    /// The mean distance of the four from those of another model, such as one retrained: the literature's average gap, from 0 to 1.
    package func averageGap(to other: ClassificationMeasures) -> Double {
        let pairs = [
            (unlearningAccuracy, other.unlearningAccuracy), (remainingAccuracy, other.remainingAccuracy),
            (testingAccuracy, other.testingAccuracy), (attackEfficacy, other.attackEfficacy),
        ]
        return pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / Double(pairs.count)
    }
}
