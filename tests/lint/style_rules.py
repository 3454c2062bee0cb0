#!/usr/bin/env python3
"""Checks habits that neither the compiler nor clang-tidy 14 knows.

Usage: style_rules.py ROOT
"""
import pathlib
import re
import sys

TOPS = ("pipeline", "plugins", "model", "storage", "config", "dashboards")
GST_FILES = r"^(plugins|pipeline/ingest)/"

# (name, files, pattern, exempt files, advice); patterns see the text without its comments.
RULES = [
    ("a C slot is assigned directly", r"", r"\w*class\w*->\w+\s*=(?!=)", (),
     "SetCallback() refuses functions that may throw"),
    ("G_CALLBACK takes any function", r"", r"\bG_CALLBACK\s*\(", (),
     "use gst::SignalHandler<Fn>()"),
    ("a callback is passed without CCallback<>", GST_FILES,
     r"\b(?:gst_pad_add_probe|g_timeout_add\w*|g_idle_add\w*|gst_bus_set_sync_handler"
     r"|gst_bus_add_watch\w*|gst_pad_set_\w+_function)\s*\((?![^;]*CCallback<)[^;]*;", (),
     "wrap it in CCallback<Fn>"),
    ("unref by hand", GST_FILES,
     r"\b(?:gst_object_unref|g_object_unref"
     r"|gst_(?:mini_object|buffer|caps|sample|message|event)_unref)\b",
     ("plugins/common/gst_raii.h",), "hold it in a handle of plugins/common/gst_raii.h"),
    ("a Result<> that may be ignored", r"\.h$",
     r"(?m)^(?!.*\[\[nodiscard\]\])\s*(?:(?:static|virtual|inline|constexpr)\s+)*"
     r"Result<[^;{}()]*>\s+\w+\(", (),
     "write [[nodiscard]] in front"),
]


def main(root):
    bad = 0
    for top in TOPS:
        for source in sorted((root / top).rglob("*")):
            if source.suffix not in (".h", ".cc"):
                continue
            path = source.relative_to(root).as_posix()
            # Comments go, line numbers stay.
            text = re.sub(r"//[^\n]*", "", source.read_text(encoding="utf-8"))
            for name, files, pattern, exempt, advice in RULES:
                if path in exempt or not re.search(files, path):
                    continue
                for match in re.finditer(pattern, text):
                    start = match.start() + len(match[0]) - len(match[0].lstrip())
                    line = text.count("\n", 0, start) + 1
                    print(f"{path}:{line}: {name}; {advice}")
                    bad += 1
    print(f"style_rules: {bad} complaint(s)")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
