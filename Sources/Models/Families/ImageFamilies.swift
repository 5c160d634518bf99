import Files

/// A family of classifiers of images: one `architecture` of timm, or one like those.
package struct ImageFamily: ModelFamily {
    package let name: String
    private let build:
        @Sendable (ConfigurationReader, ImageDimensions, _ arguments: ConfigurationReader) throws(ModelError) -> any ImageModel

    private init(
        _ name: String,
        _ build: @escaping @Sendable (ConfigurationReader, ImageDimensions, ConfigurationReader) throws(ModelError) -> any ImageModel
    ) {
        (self.name, self.build) = (name, build)
    }

    package func model(_ reader: ConfigurationReader) throws(ModelError) -> any Model {
        let arguments = ConfigurationReader(json: reader.present("model_args") ?? .object(JSONObject()), path: reader.path)
        return try build(reader, ImageDimensions(reader), arguments)
    }

    /// A network with the sizes of its family for images of some size.
    package func model(_ dimensions: ImageDimensions) throws(ModelError) -> any ImageModel {
        let empty = ConfigurationReader(json: .object(JSONObject()), path: name)
        return try build(empty, dimensions, empty)
    }

    /// A new one is a line here. What `model_args` does not say is as in the literature.
    package static let all: [ImageFamily] = [
        residual("resnet18", [2, 2, 2, 2], [64, 128, 256, 512]), residual("resnet34", [3, 4, 6, 3], [64, 128, 256, 512]),
        residual("resnet50", [3, 4, 6, 3], [64, 128, 256, 512], hasBottlenecks: true),
        residual("resnet20", [3, 3, 3], [16, 32, 64]), residual("resnet56", [9, 9, 9], [16, 32, 64]),
        plain("vgg16_bn", [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]]),
        transformer("deit_tiny_patch16_224", patch: 16, width: 192, layers: 12, heads: 3),
        transformer("vit_tiny_patch4", patch: 4, width: 192, layers: 12, heads: 3),
        ImageFamily("mlp") { _, dimensions, arguments throws(ModelError) in
            let widths = try arguments.counts("hidden_sizes", default: [512, 256])
            return PixelPerceptron(PixelPerceptron.Configuration(dimensions: dimensions, widths: widths))
        },
    ]

    private static func residual(_ name: String, _ blocks: [Int], _ widths: [Int], hasBottlenecks: Bool = false) -> ImageFamily {
        ImageFamily(name) { reader, dimensions, arguments throws(ModelError) in
            var result = ResidualNetwork.Configuration(
                name: name, dimensions: dimensions, blocks: try arguments.counts("layers", default: blocks),
                widths: try arguments.counts("channels", default: widths))
            guard result.blocks.count == result.widths.count else {
                throw .configuration(path: reader.path, key: "channels", problem: "names other stages than \"layers\"")
            }
            result.hasBottlenecks = hasBottlenecks
            // Small networks are made for small images; of the large ones the image's size decides.
            let isLarge = blocks.count > 3 && min(dimensions.height, dimensions.width) > 64
            let stem = try arguments.text("stem_type", default: isLarge ? "" : "small")
            guard ["", "small"].contains(stem) else { throw reader.unsupported("the stem \"\(stem)\"", "\"\" (7×7) and \"small\" (3×3)") }
            result.hasLargeStem = stem.isEmpty
            return ResidualNetwork(result)
        }
    }

    private static func plain(_ name: String, _ stages: [[Int]]) -> ImageFamily {
        ImageFamily(name) { reader, dimensions, arguments throws(ModelError) in
            var found = stages
            if let given = arguments.present("stages") {
                let rows = given.asArray?.compactMap { $0.asArray?.compactMap(\.asInt).filter { (1...65_536).contains($0) } } ?? []
                guard !rows.isEmpty, rows.count == given.asArray?.count, rows.allSatisfy({ !$0.isEmpty }) else {
                    throw .configuration(path: reader.path, key: "stages", problem: "should be lists of channels")
                }
                found = rows
            }
            guard min(dimensions.height, dimensions.width) >> (found.count - 1) > 0 else {
                throw .configuration(path: reader.path, key: "input_size", problem: "is too small to be halved \(found.count - 1) times")
            }
            return PlainConvolutionalNetwork(
                PlainConvolutionalNetwork.Configuration(name: name, dimensions: dimensions, stages: found))
        }
    }

    private static func transformer(_ name: String, patch: Int, width: Int, layers: Int, heads: Int) -> ImageFamily {
        ImageFamily(name) { reader, dimensions, arguments throws(ModelError) in
            let result = VisionTransformer.Configuration(
                name: name, dimensions: dimensions, patch: try arguments.count("patch_size", default: patch),
                width: try arguments.count("embed_dim", default: width),
                layers: try arguments.count("depth", atMost: 1024, default: layers),
                heads: try arguments.count("num_heads", default: heads))
            guard result.width % result.heads == 0 else {
                throw .configuration(
                    path: reader.path, key: "num_heads", problem: "is \(result.heads), which does not divide embed_dim \(result.width)")
            }
            guard dimensions.height % result.patch == 0, dimensions.width % result.patch == 0 else {
                throw .configuration(
                    path: reader.path, key: "patch_size", problem: "is \(result.patch), which does not divide the image's sides")
            }
            return VisionTransformer(result)
        }
    }
}

extension ImageDimensions {
    /// As timm writes them: the number of classes, and in `pretrained_cfg` the input's size and what is taken off and divided by.
    init(_ reader: ConfigurationReader) throws(ModelError) {
        let input = ConfigurationReader(json: reader.present("pretrained_cfg") ?? reader.json, path: reader.path)
        let size = try input.counts("input_size", default: [])
        guard size.count == 3 else {
            throw .configuration(path: reader.path, key: "input_size", problem: "should be [channels, height, width]")
        }
        self.init(channels: size[0], height: size[1], width: size[2], classes: try reader.count("num_classes"))
        means = try input.numbers("mean", default: means)
        deviations = try input.numbers("std", default: deviations)
        guard means.count == channels, deviations.count == channels, deviations.allSatisfy({ $0 > 0 }) else {
            throw .configuration(path: reader.path, key: "std", problem: "and \"mean\" should have a number for each channel")
        }
    }

    /// A `config.json` in timm's form.
    func configurationFile(architecture: String, arguments: JSONObject) -> JSONValue {
        let input: [(key: String, value: JSONValue)] = [
            ("input_size", .array(shape.map { .integer($0) })), ("mean", .array(means.map { .number($0) })),
            ("std", .array(deviations.map { .number($0) })), ("num_classes", .integer(classes)),
        ]
        return .object(
            JSONObject([
                ("architecture", .string(architecture)), ("num_classes", .integer(classes)), ("model_args", .object(arguments)),
                ("pretrained_cfg", .object(JSONObject(input))),
            ]))
    }
}

extension StoredNames {
    /// Of networks whose files hold nothing but their tensors, and how many batches a norm has seen.
    static func images(anchor: String) -> StoredNames {
        StoredNames(wrapper: "", anchor: anchor, buffers: [".num_batches_tracked"], tied: nil)
    }
}
