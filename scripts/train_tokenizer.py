#!/usr/bin/env python3
"""Trains nano's tokenizer: byte-level BPE in the file layout of Qwen2 (tokenizer.json).

Usage: train_tokenizer.py --out DIR/tokenizer.json [--vocab 1024] pairs.jsonl [pairs.jsonl ...]

Each line of a pairs.jsonl is an object whose "captions" is a list of sentences.  The same captions,
in whatever order, give the same file.  --vocab counts all ids: 256 bytes, merges, and the special
tokens, which get the last ids as in Qwen2.  Captions with little variety may give fewer.

Needs the package `tokenizers` (0.23.3 made the file in model/):
    .venv/bin/pip install tokenizers==0.23.3
    .venv/bin/python scripts/train_tokenizer.py ...
"""
import argparse
import collections
import json
import os
import pathlib
import sys

# Qwen2's regex; model/tokenizer/split.h must say the same.
PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
           r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")

# Qwen2's own, then a separator, then one per kind of change (pipeline/core/event.h) and "same".
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|sep|>",
           "<|added|>", "<|removed|>", "<|moved|>", "<|replaced|>", "<|resized|>", "<|recolored|>",
           "<|turned|>", "<|posed|>", "<|text|>", "<|count|>", "<|other|>", "<|same|>"]


def read_captions(path):
    """Yields the captions of one pairs.jsonl; exits naming file and line if a line is no pair."""
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                captions = json.loads(line)["captions"]
                if not isinstance(captions, list) or not all(isinstance(c, str) for c in captions):
                    raise TypeError("no list of texts")
            except (ValueError, KeyError, TypeError) as error:
                sys.exit(f"{path}:{number}: expected an object with a list \"captions\": {error}")
            yield from captions


def train(captions, vocab):
    try:
        from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers,
                                pre_tokenizers, trainers)
    except ImportError:
        sys.exit("train_tokenizer: needs `tokenizers`: .venv/bin/pip install tokenizers==0.23.3")
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel()
    # Sorted by nothing but the text, each as often as it occurs: the order of the files and of the
    # lines in them does not matter.
    counts = collections.Counter(captions)
    corpus = (text for text in sorted(counts) for _ in range(counts[text]))
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(
        vocab_size=vocab - len(SPECIAL), min_frequency=2, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    tokenizer.add_special_tokens([AddedToken(t, normalized=False, special=True) for t in SPECIAL])
    return tokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="+", type=pathlib.Path, help="pairs.jsonl files")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="the tokenizer.json")
    parser.add_argument("--vocab", type=int, default=1024, help="ids in all (default 1024)")
    args = parser.parse_args()
    if args.vocab < 256 + len(SPECIAL):
        parser.error(f"--vocab: at least {256 + len(SPECIAL)}: bytes and special tokens")

    captions = [caption for path in args.pairs for caption in read_captions(path)]
    if not captions:
        sys.exit("train_tokenizer: no captions in " + ", ".join(map(str, args.pairs)))
    tokenizer = train(captions, args.vocab)
    temporary = args.out.with_name(args.out.name + ".tmp")
    tokenizer.save(str(temporary))
    os.replace(temporary, args.out)

    ids = sum(len(tokenizer.encode(caption).ids) for caption in captions)
    print(f"{args.out}: {tokenizer.get_vocab_size()} ids, {len(captions)} captions, "
          f"{ids / len(captions):.1f} tokens a caption")


if __name__ == "__main__":
    main()
