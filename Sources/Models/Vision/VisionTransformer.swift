import Files
import Graph

/// A transformer of image patches (Dosovitskiy et al., arXiv 2010.11929; DeiT: arXiv 2012.12877), with the names of timm.
package struct VisionTransformer: ImageModel {
    package struct Configuration: Hashable, Sendable {
        /// What stands for the network in configurations, such as deit_tiny_patch16_224.
        package var name: String
        package var dimensions: ImageDimensions
        /// Pixels along a patch's side.
        package var patch: Int
        package var width: Int
        package var layers: Int
        package var heads: Int
        /// Times the width, between the two maps of the feed-forward part.
        package var expansion = 4
        package var epsilon = 1e-6

        package init(name: String, dimensions: ImageDimensions, patch: Int, width: Int, layers: Int, heads: Int) {
            (self.name, self.dimensions, self.patch) = (name, dimensions, patch)
            (self.width, self.layers, self.heads) = (width, layers, heads)
        }

        /// Patches, and the token that the class is read from.
        var tokens: Int { (dimensions.height / max(1, patch)) * (dimensions.width / max(1, patch)) + 1 }
    }

    package let configuration: Configuration
    private let patches: Convolution2D
    private let classToken: ParameterSpecification
    private let positions: ParameterSpecification
    private let blocks: [VisionBlock]
    private let norm: Norm
    private let head: Linear

    package init(_ configuration: Configuration) {
        let c = configuration
        self.configuration = c
        patches = Convolution2D(
            name: LayerName("patch_embed.proj"), inputs: c.dimensions.channels, outputs: c.width, size: c.patch, stride: c.patch,
            hasBias: true)
        let small = Initialisation.normal(deviation: 0.02)
        classToken = ParameterSpecification(name: "cls_token", shape: [1, 1, c.width], role: .vector, start: small)
        positions = ParameterSpecification(name: "pos_embed", shape: [1, c.tokens, c.width], role: .vector, start: small)
        blocks = (0..<c.layers).map { VisionBlock(c, layer: $0) }
        norm = Norm(name: LayerName("norm"), kind: .layer, size: c.width, epsilon: c.epsilon)
        head = Linear(name: LayerName("head"), inputs: c.width, outputs: c.dimensions.classes, hasBias: true, start: small)
    }

    package var architecture: String { configuration.name }
    package var dimensions: ImageDimensions { configuration.dimensions }
    package var specifications: [ParameterSpecification] {
        [classToken, positions] + patches.specifications + blocks.flatMap(\.specifications) + norm.specifications + head.specifications
    }
    package var storedNames: StoredNames { .images(anchor: "patch_embed.proj.weight") }

    package var configurationFile: JSONValue {
        let c = configuration
        let arguments = JSONObject([
            ("patch_size", .integer(c.patch)), ("embed_dim", .integer(c.width)), ("depth", .integer(c.layers)),
            ("num_heads", .integer(c.heads)), ("img_size", .array([.integer(c.dimensions.height), .integer(c.dimensions.width)])),
        ])
        return c.dimensions.configurationFile(architecture: c.name, arguments: arguments)
    }

    package func logits(_ images: Node, _ pass: inout ImagePass) -> Node {
        let c = configuration, weights = pass.weights, count = images.shape[0]
        let embedded = patches(dimensions.standardised(images), weights).permuted([0, 2, 3, 1])
            .reshaped(to: [count, c.tokens - 1, c.width])
        let first = weights[classToken].broadcast(to: [count, 1, c.width])
        let tokens = images.graph.assemble([([0, 0, 0], first), ([0, 1, 0], embedded)], shape: [count, c.tokens, c.width])
        var x = (tokens + weights[positions].broadcast(to: tokens.shape)).reshaped(to: [count * c.tokens, c.width])
        for block in blocks { x = block(x, images: count, weights) }
        let classes = x.reshaped(to: [count, c.tokens, c.width]).slice(at: [0, 0, 0], shape: [count, 1, c.width])
        return head(norm(classes.reshaped(to: [count, c.width]), weights), weights)
    }
}

/// Attention of all tokens to all, and a feed-forward part, each normalised before and added to the stream.
private struct VisionBlock: Layer {
    let name: String
    let heads: Int
    let attentionNorm: Norm
    let projection: Linear
    let output: Linear
    let feedForwardNorm: Norm
    let feedForward: FeedForward

    init(_ c: VisionTransformer.Configuration, layer: Int) {
        let block = LayerName("blocks.\(layer)")
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) -> Linear {
            Linear(
                name: block.appending(LayerName(name)), inputs: inputs, outputs: outputs, hasBias: true, start: .normal(deviation: 0.02))
        }
        func norm(_ name: String) -> Norm {
            Norm(name: block.appending(LayerName(name)), kind: .layer, size: c.width, epsilon: c.epsilon)
        }
        name = block.huggingFace
        heads = c.heads
        attentionNorm = norm("norm1")
        projection = linear("attn.qkv", c.width, 3 * c.width)
        output = linear("attn.proj", c.width, c.width)
        feedForwardNorm = norm("norm2")
        feedForward = FeedForward(
            gate: nil, up: linear("mlp.fc1", c.width, c.expansion * c.width), down: linear("mlp.fc2", c.expansion * c.width, c.width),
            activation: .exactGelu(order: 0))
    }

    var specifications: [ParameterSpecification] {
        let layers: [any Layer] = [attentionNorm, projection, output, feedForwardNorm, feedForward]
        return layers.flatMap(\.specifications)
    }

    /// - Parameter x: [images·tokens, width].
    func callAsFunction(_ x: Node, images: Int, _ weights: WeightNodes) -> Node {
        x.graph.part(name) {
            let middle = x + attended(attentionNorm(x, weights), images, weights)
            return middle + feedForward(feedForwardNorm(middle, weights), weights)
        }
    }

    private func attended(_ x: Node, _ images: Int, _ weights: WeightNodes) -> Node {
        let width = x.shape[1], tokens = x.shape[0] / images, size = width / heads
        let all = projection(x, weights)
        // [images, heads, tokens, size]
        let part = { (index: Int) in
            all.slice(at: [0, index * width], shape: [x.shape[0], width]).reshaped(to: [images, tokens, heads, size])
                .permuted([0, 2, 1, 3])
        }
        let shares = part(0).scaled(by: 1 / Double(size).squareRoot()).matmul(part(1).transposed()).softmax()
        return output(shares.matmul(part(2)).permuted([0, 2, 1, 3]).reshaped(to: x.shape), weights)
    }
}
