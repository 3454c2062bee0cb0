#!/usr/bin/env python3
"""Writes model/tokenizer/unicode_tables.cc from Python's unicodedata.

Usage: make_unicode_tables.py > model/tokenizer/unicode_tables.cc

The tokenizer needs the classes \\p{L} and \\p{N} and the normalisation form NFC.  ICU has them, but
model/ must build on GPU machines with LibTorch alone, so the data is generated and committed.
"""
import sys
import unicodedata

HANGUL = range(0xAC00, 0xAC00 + 11172)  # Composed by arithmetic, not by table.


def ranges(value_of):
    """Runs [first, last, value] of code points for which value_of is true."""
    runs = []
    for cp in range(0x110000):
        value = value_of(chr(cp))
        if not value:
            continue
        if runs and runs[-1][1] == cp - 1 and runs[-1][2] == value:
            runs[-1][1] = cp
        else:
            runs.append([cp, cp, value])
    return runs


def mappings():
    """Canonical pairs: (cp, first, second); second is 0 for singletons."""
    for cp in range(0x110000):
        text = unicodedata.decomposition(chr(cp))
        if text and not text.startswith("<") and cp not in HANGUL:
            parts = [int(part, 16) for part in text.split()] + [0]
            yield cp, parts[0], parts[1]


def composes(cp, first, second):
    """False for the composition exclusions, which NFC leaves in pieces."""
    return second != 0 and unicodedata.normalize("NFC", chr(first) + chr(second)) == chr(cp)


def emit(kind, name, rows):
    rows = ["{" + ", ".join(f"0x{v:x}" if v > 9 else str(v) for v in row) + "}" for row in rows]
    print(f"\nconst std::array<{kind}, {len(rows)}> {name} = {{{{")
    line = "   "
    for row in rows:
        if len(line) + len(row) + 2 > 100:
            print(line)
            line = "   "
        line += f" {row},"
    print(f"{line}\n}}}};")


def main():
    if len(sys.argv) > 1:
        sys.exit(__doc__)
    print(f"// Made by scripts/make_unicode_tables.py from Unicode {unicodedata.unidata_version}.\n"
          "// Do not edit.\n// clang-format off\n"
          "#include \"model/tokenizer/unicode_tables.h\"\n\nnamespace stillwatch::model {")
    pairs = list(mappings())
    emit("CodeRange", "kLetters",
         [r[:2] for r in ranges(lambda c: unicodedata.category(c)[0] == "L")])
    emit("CodeRange", "kNumbers",
         [r[:2] for r in ranges(lambda c: unicodedata.category(c)[0] == "N")])
    emit("ClassRange", "kCombiningClasses", ranges(unicodedata.combining))
    emit("Mapping", "kDecompositions", pairs)
    emit("Mapping", "kCompositions",
         sorted((p for p in pairs if composes(*p)), key=lambda p: (p[1], p[2])))
    print("\n}  // namespace stillwatch::model")


if __name__ == "__main__":
    main()
