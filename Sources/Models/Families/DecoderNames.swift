/// What a family calls the layers of a decoder, in Hugging Face folders and in GGUF files; unless it says otherwise, as Llama does.
package struct DecoderNames: Sendable {
    /// What the names of all layers but the head begin with in Hugging Face folders.
    var wrapper = "model."
    var embedding = LayerName("embed_tokens", gguf: "token_embd")
    /// Learned positions, where a family has them.
    var positions: LayerName?
    var blocks = LayerName("layers", gguf: "blk")
    var finalNorm = LayerName("norm", gguf: "output_norm")
    var head = LayerName("lm_head", gguf: "output")

    // Within a block.
    var attentionNorm = LayerName("input_layernorm", gguf: "attn_norm")
    var query = LayerName("self_attn.q_proj", gguf: "attn_q")
    var key = LayerName("self_attn.k_proj", gguf: "attn_k")
    var value = LayerName("self_attn.v_proj", gguf: "attn_v")
    /// One map to queries, keys and values, where a family has that.
    var fused: LayerName?
    var output = LayerName("self_attn.o_proj", gguf: "attn_output")
    var queryNorm = LayerName("self_attn.q_norm", gguf: "attn_q_norm")
    var keyNorm = LayerName("self_attn.k_norm", gguf: "attn_k_norm")
    var feedForwardNorm = LayerName("post_attention_layernorm", gguf: "ffn_norm")
    var gate = LayerName("mlp.gate_proj", gguf: "ffn_gate")
    var up = LayerName("mlp.up_proj", gguf: "ffn_up")
    var down = LayerName("mlp.down_proj", gguf: "ffn_down")

    /// Ends of names of tensors in older files that are no parameters.
    var buffers = ["rotary_emb.inv_freq"]

    func outer(_ name: LayerName) -> LayerName { LayerName(wrapper + name.huggingFace, gguf: name.gguf) }
    func block(_ layer: Int) -> LayerName { outer(blocks).appending(LayerName("\(layer)", gguf: "\(layer)")) }
}
