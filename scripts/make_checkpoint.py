#!/usr/bin/env python3
"""Writes a LLaVA-OneVision checkpoint of a real shape with made-up weights.

For measuring time and memory where the real weights are not at hand: its captions mean nothing.
Needs nothing but Python.  The tokenizer has 256 byte tokens and the special ones.

Usage: make_checkpoint.py --shape 0.5b|7b [--mdp] [--shards N] OUT
"""
import argparse
import json
import pathlib
import random
import struct

TEXT = {
    "0.5b": dict(hidden_size=896, num_hidden_layers=24, num_attention_heads=14,
                 num_key_value_heads=2, intermediate_size=4864, vocab_size=151936),
    "7b": dict(hidden_size=3584, num_hidden_layers=28, num_attention_heads=28,
               num_key_value_heads=4, intermediate_size=18944, vocab_size=152064),
}
VISION = dict(model_type="siglip_vision_model", hidden_size=1152, intermediate_size=4304,
              num_hidden_layers=26, num_attention_heads=16, image_size=384, patch_size=14,
              hidden_act="gelu_pytorch_tanh", layer_norm_eps=1e-6, vision_use_head=False)
BLOCK_BYTES = 16 << 20
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<image>", "<video>"]


def shapes(text, tied, mdp):
    """Yields (name, shape), named as llava-hf's files on the hub."""
    d, v = text["hidden_size"], VISION["hidden_size"]
    head = d // text["num_attention_heads"]
    kv = head * text["num_key_value_heads"]
    yield "language_model.model.embed_tokens.weight", [text["vocab_size"], d]
    for i in range(text["num_hidden_layers"]):
        at = f"language_model.model.layers.{i}."
        for name, rows in (("q", d), ("k", kv), ("v", kv)):
            yield f"{at}self_attn.{name}_proj.weight", [rows, d]
            yield f"{at}self_attn.{name}_proj.bias", [rows]
        yield at + "self_attn.o_proj.weight", [d, d]
        for name in ("gate", "up"):
            yield f"{at}mlp.{name}_proj.weight", [text["intermediate_size"], d]
        yield at + "mlp.down_proj.weight", [d, text["intermediate_size"]]
        yield at + "input_layernorm.weight", [d]
        yield at + "post_attention_layernorm.weight", [d]
    yield "language_model.model.norm.weight", [d]
    if not tied:
        yield "language_model.lm_head.weight", [text["vocab_size"], d]
    at = "vision_tower.vision_model."
    yield at + "embeddings.patch_embedding.weight", [v, 3, 14, 14]
    yield at + "embeddings.patch_embedding.bias", [v]
    yield at + "embeddings.position_embedding.weight", [729, v]
    for i in range(VISION["num_hidden_layers"]):
        layer = f"{at}encoder.layers.{i}."
        for norm in ("layer_norm1", "layer_norm2"):
            yield f"{layer}{norm}.weight", [v]
            yield f"{layer}{norm}.bias", [v]
        yield from linears(layer + "self_attn.", ["q_proj", "k_proj", "v_proj", "out_proj"], v, v)
        yield from linears(layer + "mlp.", ["fc1"], v, VISION["intermediate_size"])
        yield from linears(layer + "mlp.", ["fc2"], VISION["intermediate_size"], v)
    yield from linears("multi_modal_projector.", ["linear_1"], v, d)
    yield from linears("multi_modal_projector.", ["linear_2"], d, d)
    yield "image_newline", [d]
    if not mdp:
        return
    yield from linears("mdp.expert_change_feature_extractor_model.", ["linear_mapping"], 2 * v, v)
    yield from linears("mdp.expert_change_feature_extractor_model.", ["proj"], 3 * v, v)
    for j in range(2):
        layer = f"mdp.layers.{j}."
        for part in ("change_self_attn", "cross_attn_change_to_imageABC",
                     "cross_attn_imageAB_to_change"):
            yield from linears(f"{layer}{part}.", ["q_proj", "k_proj", "v_proj", "out_proj"], v, v)
        yield from linears(layer + "mlp.", ["lin1"], v, 4 * v)
        yield from linears(layer + "mlp.", ["lin2"], 4 * v, v)
        for norm in ("norm1", "norm2", "norm3"):
            yield f"{layer}{norm}.weight", [v]
            yield f"{layer}{norm}.bias", [v]
        for flag in ("image_a", "image_b", "change"):
            yield f"{layer}{flag}_flag_embed.weight", [1, v]
    gate = "mdp.ChangeAwareTokenReduce.feature_map_level_gate."
    yield from linears(gate, ["0"], 3 * v, v)
    yield from linears(gate, ["2"], v, 1)


def linears(at, names, inputs, outputs):
    for name in names:
        yield f"{at}{name}.weight", [outputs, inputs]
        yield f"{at}{name}.bias", [outputs]


def size(shape):
    count = 2  # Bytes of a bf16 number.
    for n in shape:
        count *= n
    return count


def write_shard(path, tensors, block):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in tensors:
        header[name] = {"dtype": "BF16", "shape": shape,
                        "data_offsets": [offset, offset + size(shape)]}
        offset += size(shape)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, shape in tensors:
            left = size(shape)
            while left > 0:
                out.write(block[:left])
                left -= min(left, len(block))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=TEXT, required=True)
    parser.add_argument("--mdp", action="store_true", help="with a difference module")
    parser.add_argument("--shards", type=int, default=1)
    parser.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    text, tied = TEXT[arguments.shape], arguments.shape == "0.5b"
    arguments.out.mkdir(parents=True)
    # bf16 numbers of magnitude 2^-8 to 2^-5, both signs: no infinities on the way.
    rng = random.Random(1)
    numbers = [struct.pack("<H", rng.getrandbits(1) << 15 | rng.randint(119, 121) << 7
                           | rng.getrandbits(7)) for _ in range(1 << 16)]
    block = b"".join(numbers) * (BLOCK_BYTES >> 17)
    tensors = list(shapes(text, tied, arguments.mdp))
    total = sum(size(shape) for _, shape in tensors)
    if arguments.shards == 1:
        write_shard(arguments.out / "model.safetensors", tensors, block)
    else:
        shards = [[] for _ in range(arguments.shards)]
        done = 0
        for tensor in tensors:
            shards[min(done * arguments.shards // total, arguments.shards - 1)].append(tensor)
            done += size(tensor[1])
        names = {}
        for i, shard in enumerate(shards):
            file = f"model-{i + 1:05}-of-{arguments.shards:05}.safetensors"
            write_shard(arguments.out / file, shard, block)
            names.update({name: file for name, _ in shard})
        index = {"metadata": {"total_size": total}, "weight_map": names}
        (arguments.out / "model.safetensors.index.json").write_text(json.dumps(index))

    config = dict(architectures=["LlavaOnevisionForConditionalGeneration"],
                  model_type="llava_onevision", image_token_index=259, eos_token_id=258,
                  projector_hidden_act="gelu", vision_feature_layer=-1,
                  vision_feature_select_strategy="full", tie_word_embeddings=tied,
                  torch_dtype="bfloat16", vision_config=VISION,
                  text_config=dict(model_type="qwen2", hidden_act="silu", rms_norm_eps=1e-6,
                                   rope_theta=1e6, tie_word_embeddings=tied, **text))
    (arguments.out / "config.json").write_text(json.dumps(config, indent=1))
    write_tokenizer(arguments.out)
    print(f"{arguments.out}: {total / 1e9:.2f} GB in {len(tensors)} tensors")


def write_tokenizer(out):
    # Byte-level BPE's letters: printable bytes are themselves, the others follow from U+0100.
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    letters = {b: chr(b) for b in plain} | {b: chr(256 + i) for i, b in enumerate(others)}
    (out / "vocab.json").write_text(json.dumps({letters[b]: b for b in range(256)}))
    (out / "merges.txt").write_text("#version: 0.2\n")
    (out / "added_tokens.json").write_text(
        json.dumps({token: 256 + i for i, token in enumerate(SPECIAL)}))
    (out / "chat_template.jinja").write_text(
        "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n'}}"
        "{% for content in message['content'] | selectattr('type', 'equalto', 'image') %}"
        "{{ '<image>\\n' }}{% endfor %}"
        "{% for content in message['content'] | selectattr('type', 'equalto', 'text') %}"
        "{{ content['text'] }}{% endfor %}{{'<|im_end|>\\n'}}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


if __name__ == "__main__":
    main()
