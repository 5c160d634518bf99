"""Writes the tiny golden classifiers of images beside this file (python3 generate.py [--only NAME]).

Needs torch, torchvision, timm and safetensors. Each folder holds a random model (config.json as timm writes it, model.safetensors
in F32) and golden.safetensors with what PyTorch computes for it, in float64 rounded once to F32:

    images        F32 [3, C, H, W]   from 0 to 1
    logits        F32 [3, classes]   with the kept statistics; the model takes off means and divides by deviations
    loss          F32 [1]            mean cross-entropy; the labels are 0, 1, 2
    grad/<name>   gradient of the loss
    u/<name>      a random direction
    hvp/<name>    Hessian of the loss times u, by double backward
    batch/logits  the logits with the batch's statistics, where the model has batch norms
    batch/<name>  the statistics that are kept afterwards

sizes.json lists the tensors of full networks, by torchvision and timm, as [name, shape].
"""
import argparse
import json
from pathlib import Path

import timm
import torch
import torchvision
from safetensors.torch import save_file
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck

HERE = Path(__file__).resolve().parent
MEANS, DEVIATIONS = [0.4, 0.5, 0.3], [0.2, 0.25, 0.3]
CLASSES = 5


class Residual(nn.Module):
    """torchvision's blocks in a narrow network."""

    def __init__(self, block, blocks, widths, large_stem):
        super().__init__()
        self.conv1 = nn.Conv2d(3, widths[0], *((7, 2, 3) if large_stem else (3, 1, 1)), bias=False)
        self.bn1 = nn.BatchNorm2d(widths[0])
        self.pool = nn.MaxPool2d(3, 2, 1) if large_stem else nn.Identity()
        inputs = widths[0]
        self.stages = len(blocks)
        for stage, (count, width) in enumerate(zip(blocks, widths)):
            layers = []
            for index in range(count):
                stride = 2 if stage > 0 and index == 0 else 1
                outputs = width * block.expansion
                down = None
                if stride != 1 or inputs != outputs:
                    down = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
                layers.append(block(inputs, width, stride, down))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(inputs, CLASSES)

    def forward(self, x):
        x = self.pool(torch.relu(self.bn1(self.conv1(x))))
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(x.mean((2, 3)))


class Plain(nn.Module):
    def __init__(self, stages):
        super().__init__()
        layers, inputs = [], 3
        for stage in stages:
            if layers:
                layers.append(nn.MaxPool2d(2))
            for width in stage:
                layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                inputs = width
        self.features = nn.Sequential(*layers)
        self.classifier = nn.Linear(inputs, CLASSES)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


class Perceptron(nn.Module):
    def __init__(self, pixels, widths):
        super().__init__()
        sizes = [pixels, *widths, CLASSES]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        x = x.flatten(1)
        for number, layer in enumerate(self.layers):
            x = layer(torch.relu(x) if number else x)
        return x


def transformer():
    # The fused attention has no second derivative.
    timm.layers.set_fused_attn(False)
    return timm.models.vision_transformer.VisionTransformer(
        img_size=(8, 12), patch_size=4, embed_dim=12, depth=2, num_heads=2, num_classes=CLASSES)


CASES = {  # folder: (architecture, builder, [height, width], model_args)
    "residual": ("resnet20", lambda: Residual(BasicBlock, [1, 2], [4, 6], False), (9, 8),
                 {"layers": [1, 2], "channels": [4, 6]}),
    "bottleneck": ("resnet50", lambda: Residual(Bottleneck, [1, 1], [3, 4], True), (16, 20),
                   {"layers": [1, 1], "channels": [3, 4], "stem_type": ""}),
    "plain": ("vgg16_bn", lambda: Plain([[4], [5, 6]]), (8, 6), {"stages": [[4], [5, 6]]}),
    "transformer": ("vit_tiny_patch4", transformer, (8, 12),
                    {"patch_size": 4, "embed_dim": 12, "depth": 2, "num_heads": 2, "img_size": [8, 12]}),
    "perceptron": ("mlp", lambda: Perceptron(3 * 4 * 5, [7, 6]), (4, 5), {"hidden_sizes": [7, 6]}),
}


def randomise(model, generator):
    for name, tensor in model.state_dict().items():
        if tensor.dtype != torch.float32:
            continue
        noise = torch.randn(tensor.shape, generator=generator)
        if name.endswith("running_var"):
            value = 0.5 + noise.abs()
        elif tensor.ndim == 1 and name.endswith("weight"):
            value = 1 + 0.3 * noise
        else:
            value = noise * (0.3 if tensor.ndim == 1 else 1.5 / max(1, tensor[0].numel()) ** 0.5)
        tensor.copy_(value)


def generate(name, architecture, build, size, arguments, seed):
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = build().eval()
    randomise(model, generator)
    folder = HERE / name
    folder.mkdir(exist_ok=True)
    config = {"architecture": architecture, "num_classes": CLASSES, "model_args": arguments,
              "pretrained_cfg": {"input_size": [3, *size], "mean": MEANS, "std": DEVIATIONS, "num_classes": CLASSES}}
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    save_file({k: t.contiguous() for k, t in model.state_dict().items()}, folder / "model.safetensors")

    images = torch.rand(3, 3, *size, generator=generator)
    column = lambda values: torch.tensor(values, dtype=torch.float64).reshape(-1, 1, 1)
    seen = (images.double() - column(MEANS)) / column(DEVIATIONS)
    directions = {n: torch.randn(p.shape, generator=generator) for n, p in model.named_parameters()}
    model = model.double()
    logits = model(seen)
    loss = nn.functional.cross_entropy(logits, torch.arange(3))
    parameters = [p for _, p in model.named_parameters()]
    grads = torch.autograd.grad(loss, parameters, create_graph=True)
    product = torch.autograd.grad(sum((g * directions[n].double()).sum() for n, g in zip(directions, grads)), parameters)
    golden = {"images": images, "logits": logits.detach().float(), "loss": loss.detach().reshape(1).float()}
    for n, g, h in zip(directions, grads, product):
        golden[f"grad/{n}"], golden[f"hvp/{n}"], golden[f"u/{n}"] = g.detach().float(), h.float(), directions[n]
    kept = [n for n in model.state_dict() if "running_" in n]
    if kept:
        with torch.no_grad():
            golden["batch/logits"] = model.train()(seen).float()
        golden |= {f"batch/{n}": model.state_dict()[n].float() for n in kept}
    save_file({k: t.contiguous() for k, t in golden.items()}, folder / "golden.safetensors")
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{name}: {sum(p.numel() for p in parameters)} parameters, loss {loss.item():.6f}, {size / 1024:.0f} KiB")


def sizes():
    """Tensors of the networks that torchvision and timm have, with ten classes."""
    models = {name: getattr(torchvision.models, name)(num_classes=10) for name in ("resnet18", "resnet34", "resnet50")}
    models["deit_tiny_patch16_224"] = timm.create_model("deit_tiny_patch16_224", num_classes=10)
    listed = {name: [[n, list(t.shape)] for n, t in model.state_dict().items() if t.ndim > 0] for name, model in models.items()}
    (HERE / "sizes.json").write_text(json.dumps(listed, separators=(",", ":")) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=CASES)
    only = parser.parse_args().only
    for seed, (name, case) in enumerate(CASES.items(), start=40):
        if only in (None, name):
            generate(name, *case, seed)
    if only is None:
        sizes()


if __name__ == "__main__":
    main()
