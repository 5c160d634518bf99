"""Writes the fixtures of the file tests, with the reference implementations of the formats.

    python3 -m venv venv && venv/bin/pip install numpy safetensors gguf
    venv/bin/python generate.py

Last run with numpy 2.4.6, safetensors 0.8.0, gguf 0.19.0. The output is deterministic.
Floats that a reader must reproduce stand in NAME.f32 as raw little-endian float32.
"""

import json
import pathlib
import struct

import gguf
import numpy as np
from safetensors import TensorSpec, serialize_file

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(20260101)


def floats(*shape):
    return random.standard_normal(shape).astype(np.float32)


def bf16(values):
    """bfloat16 bits, round to nearest even, of finite float32 values."""
    bits = values.view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)


def save_safetensors(path, tensors, metadata=None):
    """`tensors`: name to (dtype name, array). numpy has no bfloat16: its bits come as uint16."""
    kept = {name: (dtype, np.asarray(array, order="C")) for name, (dtype, array) in tensors.items()}
    specs = {
        name: TensorSpec(dtype=dtype, shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes)
        for name, (dtype, array) in kept.items()
    }
    serialize_file(specs, str(path), metadata)


def reference(name, values):
    (HERE / f"{name}.f32").write_bytes(np.ascontiguousarray(values, dtype="<f4").tobytes())


def safetensors_files():
    special = np.array([0.0, -0.0, 1.0, -2.5, 65504.0, 6e-8, 1e-5, np.inf, -np.inf, 1 / 3], dtype=np.float32)
    f32, f16 = floats(3, 5), special.astype(np.float16)
    bf = bf16(floats(2, 3, 4))
    f64 = random.standard_normal(7)
    tensors = {
        "single": ("float32", f32),
        "half": ("float16", f16),
        "brain": ("bfloat16", bf),
        "double": ("float64", f64),
        "long": ("int64", np.arange(4, dtype=np.int64)),
        "int": ("int32", np.arange(6, dtype=np.int32).reshape(2, 3)),
        "scalar": ("float32", np.array(2.5, dtype=np.float32)),
        "empty": ("float32", np.zeros((0, 4), dtype=np.float32)),
    }
    save_safetensors(HERE / "types.safetensors", tensors, {"format": "pt"})
    reference("types.single", f32)
    reference("types.half", f16.astype(np.float32))
    reference("types.brain", (bf.astype(np.uint32) << 16).view(np.float32))
    reference("types.double", f64.astype(np.float32))


def sharded_folder():
    folder = HERE / "sharded"
    folder.mkdir(exist_ok=True)
    a, b, c = floats(4, 3), floats(5), floats(2, 2)
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    save_safetensors(folder / shards[0], {"a.weight": ("float32", a), "b.bias": ("float32", b)})
    save_safetensors(folder / shards[1], {"c.weight": ("float16", c.astype(np.float16))})
    index = {
        "metadata": {"total_size": 76},
        "weight_map": {"a.weight": shards[0], "b.bias": shards[0], "c.weight": shards[1]},
    }
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=1))
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", "hidden_size": 3}))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "merges.txt").write_text("")
    reference("sharded.a", a)
    reference("sharded.c", c.astype(np.float16).astype(np.float32))


def k_blocks(kind, count):
    """Random bytes with sane half-precision factors: gguf has no quantiser for these types."""
    size = gguf.GGML_QUANT_SIZES[kind][1]
    blocks = random.integers(0, 256, (count, size), dtype=np.uint8)
    factors = {"Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208]}[kind.name]
    for place in factors:
        blocks[:, place : place + 2] = (floats(count, 1) / 64).astype(np.float16).view(np.uint8)
    return blocks


def gguf_file():
    kinds = gguf.GGMLQuantizationType
    writer = gguf.GGUFWriter(str(HERE / "types.gguf"), "llama")
    writer.add_name("fixture é")
    writer.add_block_count(2)
    writer.add_uint8("test.u8", 200)
    writer.add_int8("test.i8", -100)
    writer.add_uint16("test.u16", 60000)
    writer.add_int16("test.i16", -30000)
    writer.add_uint32("test.u32", 4000000000)
    writer.add_int32("test.i32", -2000000000)
    writer.add_uint64("test.u64", 2**63 + 5)
    writer.add_int64("test.i64", -(2**62))
    writer.add_float32("test.f32", 0.1)
    writer.add_float64("test.f64", 0.1)
    writer.add_bool("test.yes", True)
    writer.add_bool("test.no", False)
    writer.add_array("test.strings", ["a", "", "Ġhello", "日本", "🙂"])
    writer.add_array("test.ints", [1, -2, 3])
    writer.add_array("test.floats", [0.5, -1.5])
    writer.add_array("test.nested", [[1, 2], [3]])

    plain = floats(3, 4)
    writer.add_tensor("F32", plain)
    reference("gguf.F32", plain)
    half = floats(2, 6).astype(np.float16)
    writer.add_tensor("F16", half)
    reference("gguf.F16", half.astype(np.float32))
    brain = bf16(floats(2, 4))
    writer.add_tensor("BF16", brain.view(np.uint8), raw_dtype=kinds.BF16)
    reference("gguf.BF16", (brain.astype(np.uint32) << 16).view(np.float32))
    for kind in [kinds.Q8_0, kinds.Q4_0, kinds.Q4_1, kinds.Q5_0, kinds.Q5_1]:
        values = floats(3, 64)
        values[0, :32] = 0
        data = gguf.quants.quantize(values, kind)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        reference(f"gguf.{kind.name}", gguf.quants.dequantize(data, kind))
    for kind in [kinds.Q2_K, kinds.Q3_K, kinds.Q4_K, kinds.Q5_K, kinds.Q6_K]:
        data = k_blocks(kind, 4).reshape(2, -1)
        writer.add_tensor(kind.name, data, raw_dtype=kind)
        reference(f"gguf.{kind.name}", gguf.quants.dequantize(data, kind))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def unsupported_gguf():
    writer = gguf.GGUFWriter(str(HERE / "iq4.gguf"), "llama")
    kind = gguf.GGMLQuantizationType.IQ4_NL
    writer.add_tensor("odd.weight", random.integers(0, 256, (1, 18), dtype=np.uint8), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def version_2_gguf():
    """Version 2 differs from 3 in its number alone."""
    data = bytearray((HERE / "iq4.gguf").read_bytes())
    data[4:8] = struct.pack("<I", 2)
    place = data.index(b"odd.weight") + len(b"odd.weight") + 4 + 16
    data[place : place + 4] = struct.pack("<I", int(gguf.GGMLQuantizationType.Q4_0))
    (HERE / "version2.gguf").write_bytes(data)


if __name__ == "__main__":
    safetensors_files()
    sharded_folder()
    gguf_file()
    unsupported_gguf()
    version_2_gguf()
