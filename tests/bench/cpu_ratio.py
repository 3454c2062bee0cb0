#!/usr/bin/env python3
"""What selection costs over decoding alone, on 1080p H.264.

Usage: cpu_ratio.py [--stillwatch build/release/stillwatch] [--rounds 3] [--seconds 40] [CLIP]

Without CLIP it makes one: a room in 1920x1080, 25 frames a second, a key frame every two seconds,
people crossing (some minutes).  Each round runs `stillwatch bench selection` once: decoding alone
and the whole scan, one after the other in one process, at 2 s intervals.  Prints CPU seconds of
both and the ratio of each round, and the median ratio; other load on the machine hardly moves a
ratio.  Whichever way the program decodes (every frame, or key frames alone where the interval
allows it) is what is measured; decoding alone is always every frame.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

SCRIPT = {
    "name": "room", "suite": "cpu", "width": 1920, "height": 1080, "fps": 25, "quality": "good",
    "background": "made:7", "interval": "2s", "settle": "8s",
    "acts": [{"at": at, "do": "pass"} for at in (2, 12, 22, 32)],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("clip", nargs="?", type=pathlib.Path)
    parser.add_argument("--stillwatch", default="build/release/stillwatch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        work = pathlib.Path(scratch)
        clip = options.clip and options.clip.resolve()
        if clip is None:
            script = work / "room.script.json"
            script.write_text(json.dumps({**SCRIPT, "seconds": options.seconds}))
            subprocess.run([options.stillwatch, "bench", "make-clips", work / "clips", "--script",
                            script], check=True)
            clip = work / "clips/cpu/room.mp4"
        elif not clip.is_file():
            sys.exit(f"cpu_ratio: {clip}: no such file")
        one = work / "set.json"
        one.write_text(json.dumps({"clips": [
            {"media": str(clip), "unchanged": True, "interval": "2s", "settle": "8s"}]}))
        ratios = []
        for _ in range(options.rounds):
            out = subprocess.run([options.stillwatch, "bench", "selection", one, "--output",
                                  "jsonl"], check=True, capture_output=True, text=True).stdout
            row = json.loads(out.splitlines()[0])
            ratios.append(row["cpu_s"] / row["decode_cpu_s"])
            print(f"{row['width']}x{row['height']}, {row['seconds']:.0f} s: decoding "
                  f"{row['decode_cpu_s']:.2f} s, scan {row['cpu_s']:.2f} s (selection "
                  f"{row['select_cpu_s']:.2f} s): {ratios[-1]:.2f} times", flush=True)
        print(f"median {statistics.median(ratios):.2f} times decoding alone")


if __name__ == "__main__":
    main()
