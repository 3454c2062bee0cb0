#!/usr/bin/env python3
"""Checks who includes whom.

Usage: include_rules.py ROOT

The two tables below are the architecture (ARCHITECTURE.md explains them).  A new folder needs a
row in FOLDERS; a new library needs a row in LIBRARIES.
"""
import pathlib
import re
import sys

CORE = "pipeline/core"
GST = "plugins/common"

# Folder: the project folders it may include besides itself.
FOLDERS = {
    "config": [CORE],
    "pipeline/core": [],
    "pipeline/select": [CORE],
    "pipeline/score": [CORE],
    "pipeline/bus": [CORE],
    "pipeline/state": [CORE, "pipeline/select", "pipeline/bus"],
    "pipeline/ingest": [CORE, GST, "plugins/framesampler"],
    "pipeline/bench": [CORE, GST, "pipeline/bus", "pipeline/ingest", "pipeline/score", "pipeline/select"],
    "pipeline/clips": [CORE, "model/data"],
    "pipeline/app": ["*"],
    "plugins/common": [CORE],
    "plugins/framesampler": [CORE, GST],
    "plugins/pairselector": [CORE, GST, "pipeline/select", "pipeline/state"],
    "plugins/m3diff": [CORE, GST, "model/runtime"],
    "plugins/zmqeventsink": [CORE, GST, "pipeline/bus"],
    "plugins/module": ["*"],
    "model/kernels": [],
    "model/view": [CORE],
    "model/checkpoint": [CORE],
    "model/tokenizer": [CORE, "model/checkpoint"],
    "model/preprocess": [CORE],
    "model/prompt": [CORE, "model/checkpoint", "model/tokenizer"],
    "model/datasets": [CORE],
    "model/eval": [CORE, "model/tokenizer"],
    "model/m3diff": [CORE, "model/kernels", "model/checkpoint"],
    "model/generate": [CORE, "model/kernels", "model/m3diff"],
    "model/runtime": [CORE, "model/view", "model/kernels", "model/checkpoint", "model/generate",
                      "model/m3diff", "model/preprocess", "model/prompt", "model/tokenizer"],
    "model/golden": [CORE, "model/checkpoint", "model/m3diff", "model/prompt", "model/tokenizer"],
    "model/train": [CORE, "model/checkpoint", "model/eval", "model/m3diff", "model/tokenizer",
                    "model/runtime"],
    "model/data": [CORE, "model/view"],
    "model/module": ["*"],
    "storage/store": [CORE],
    "storage/recorder": [CORE, "pipeline/bus", "storage/store"],
}

# Header: (folders that may see it, whether their headers may see it too).
LIBRARIES = {
    r"tl/expected": ([CORE], True),
    r"gst/|glib": (["plugins", "pipeline/bench", "pipeline/ingest"], True),
    r"torch/|ATen/|c10/": (["model"], False),
    r"cuda|cublas|cub/": (["model/kernels", "model/runtime"], False),
    r"opencv2/": (["pipeline/clips", "pipeline/select", "pipeline/ingest", "pipeline/bus", "model/data"], False),
    r"embree|assimp": (["model/data"], False),
    r"zmq": (["pipeline/bus"], False),
    r"sqlite3|SQLiteCpp/|openssl/": (["storage/store"], False),
    r"jpeglib": (["pipeline/bus"], False),
    r"yaml-cpp/": (["config"], False),
    r"nlohmann/": (["config", "pipeline/bus", "pipeline/bench", "pipeline/clips", "pipeline/score", "model",
                     "storage/store"], False),
    r"spdlog/|CLI/": (["pipeline/app"], False),
}

TOPS = ("pipeline", "plugins", "model", "storage", "config", "dashboards")
OURS = re.compile(rf'\s*#\s*include "((?:{"|".join(TOPS)}|tests)/[^"]+)"')
OTHER = re.compile(r'\s*#\s*include [<"]([^>"]+)[>"]')


def inside(path, folder):
    return path.startswith(folder + "/")


def complaints(path, text):
    """Yields (line, complaint) for one file."""
    home = max((f for f in FOLDERS if inside(path, f)), key=len, default=None)
    if home is None:
        yield 1, "this folder has no row in FOLDERS of tests/lint/include_rules.py"
        return
    allowed = [home, *FOLDERS[home]]
    header = path.endswith(".h") and not path.endswith("_torch.h")
    for number, line in enumerate(text.splitlines(), 1):
        if ours := OURS.match(line):
            name = ours[1]
            if inside(name, "pipeline/app") and home != "pipeline/app":
                yield number, "nobody includes pipeline/app"
            elif "*" not in allowed and not any(inside(name, f) for f in allowed):
                yield number, f"{home} may not include {name}"
            if name.endswith("_torch.h") and (header or not inside(path, "model")):
                yield number, f"{name} shows torch: for .cc files of model/ only"
        elif other := OTHER.match(line):
            for pattern, (homes, in_headers) in LIBRARIES.items():
                if not re.match(pattern, other[1]):
                    continue
                if home != "pipeline/app" and not any(inside(path, f) for f in homes):
                    yield number, f"<{other[1]}> belongs in {', '.join(homes)}"
                elif header and not in_headers:
                    yield number, f"<{other[1]}> belongs in a .cc file, behind a plain struct"
                elif path.endswith((".cu", ".cuh")) and re.match(r"torch/|ATen/|c10/", other[1]):
                    yield number, f"<{other[1]}>: .cu files take raw pointers and a stream"


def main(root):
    bad = 0
    for top in TOPS:
        for source in sorted((root / top).rglob("*")):
            if source.suffix in (".h", ".cc", ".cu", ".cuh"):
                path = source.relative_to(root).as_posix()
                for number, complaint in complaints(path, source.read_text(encoding="utf-8")):
                    print(f"{path}:{number}: {complaint}")
                    bad += 1
    print(f"include_rules: {bad} complaint(s)")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
