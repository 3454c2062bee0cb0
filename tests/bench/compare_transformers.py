#!/usr/bin/env python3
"""Runs Hugging Face transformers and `stillwatch model bench` on the same shape, in turns.

Usage: compare_transformers.py --stillwatch PROGRAM [--shape 0.5b] [--dtype fp32] [--rounds 3]

Needs transformers 5.23.0 and torch 2.13.0 in the Python that runs it (a virtual environment of its
own will do).  Both have random weights: speed does not depend on them.  Each round measures the one
and then the other; what is printed are the medians of the rounds' ratios, because a machine that
does other things is noisier than the difference.  A ratio below 1 means that we are faster.
"""
import argparse
import json
import os
import statistics
import subprocess
import time

SHAPES = {
    # hidden, layers, heads, kv_heads, intermediate, vocabulary, tied
    "0.5b": (896, 24, 14, 2, 4864, 151936, True),
    "7b": (3584, 28, 28, 4, 18944, 152064, False),
}
PROMPT = 60 + 2 * 729
STEPS = 12


class Reference:
    """Qwen2 and SigLIP as transformers has them."""

    def __init__(self, shape, dtype, threads, vision):
        import torch
        from transformers import Qwen2Config, Qwen2ForCausalLM, SiglipVisionConfig
        from transformers import SiglipVisionModel

        self.torch = torch
        torch.set_num_threads(threads)
        torch.manual_seed(1)
        kind = {"fp32": torch.float32, "bf16": torch.bfloat16}[dtype]
        hidden, layers, heads, kv_heads, intermediate, vocabulary, tied = SHAPES[shape]
        torch.set_default_dtype(kind)
        self.text = Qwen2ForCausalLM(Qwen2Config(
            vocab_size=vocabulary, hidden_size=hidden, intermediate_size=intermediate,
            num_hidden_layers=layers, num_attention_heads=heads, num_key_value_heads=kv_heads,
            rope_theta=1e6, tie_word_embeddings=tied, attn_implementation="sdpa")).eval()
        self.tower = None
        if vision:
            self.tower = SiglipVisionModel(SiglipVisionConfig(
                hidden_size=1152, intermediate_size=4304, num_hidden_layers=26,
                num_attention_heads=16, image_size=384, patch_size=14, vision_use_head=False,
                attn_implementation="sdpa")).eval()
            self.pictures = torch.rand(2, 3, 384, 384)
        self.prompt = torch.randn(1, PROMPT, hidden) * 0.02
        torch.set_default_dtype(torch.float32)

    def measure(self):
        torch = self.torch
        times = {}
        with torch.inference_mode():
            if self.tower is not None:
                start = time.perf_counter()
                self.tower(self.pictures)
                times["tower"] = time.perf_counter() - start
            start = time.perf_counter()
            out = self.text(inputs_embeds=self.prompt, use_cache=True, logits_to_keep=1)
            times["prefill"] = time.perf_counter() - start
            cache = out.past_key_values
            token = out.logits[:, -1].argmax(-1, keepdim=True)
            steps = []
            for _ in range(STEPS):
                start = time.perf_counter()
                out = self.text(input_ids=token, past_key_values=cache, use_cache=True,
                                logits_to_keep=1)
                token = out.logits[:, -1].argmax(-1, keepdim=True)
                steps.append(time.perf_counter() - start)
            times["decode"] = statistics.median(steps)
        return times


def ours(program, arguments):
    command = [program, "model", "bench", "--shape", arguments.shape, "--dtype", arguments.dtype,
               "--device", "cpu", "--threads", str(arguments.threads), "--tokens", "2",
               "--repeats", "1", "--batch", "1", "--output", "jsonl"]
    if not arguments.vision:
        command.append("--decoder-only")
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    times = {}
    for line in lines.splitlines():
        row = json.loads(line)
        for name, what in (("tower", "tower, two pictures"), ("prefill", "prefill"),
                           ("decode", "decode a token, batch 1")):
            if row["what"] == what:
                times[name] = row["value"] / 1000
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--stillwatch", required=True, help="the program")
    parser.add_argument("--shape", choices=sorted(SHAPES), default="0.5b")
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--vision", action="store_true", help="compare the vision tower, too")
    arguments = parser.parse_args()

    reference = Reference(arguments.shape, arguments.dtype, arguments.threads, arguments.vision)
    reference.measure()  # What is set up once.
    ratios = {}
    print(f"{'':8} {'round':>5} {'transformers':>13} {'stillwatch':>11} {'ratio':>6}")
    for number in range(1, arguments.rounds + 1):
        theirs = reference.measure()
        mine = ours(arguments.stillwatch, arguments)
        for name, seconds in theirs.items():
            ratio = mine[name] / seconds
            ratios.setdefault(name, []).append(ratio)
            print(f"{name:8} {number:5} {1000 * seconds:10.1f} ms {1000 * mine[name]:8.1f} ms "
                  f"{ratio:6.2f}", flush=True)
    for name, values in ratios.items():
        print(f"{name}: median ratio {statistics.median(values):.2f} of {len(values)} rounds "
              f"({arguments.shape}, {arguments.dtype}, {arguments.threads} threads)")


if __name__ == "__main__":
    main()
