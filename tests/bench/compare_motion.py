#!/usr/bin/env python3
"""Holds Stillwatch against the `motion` daemon, on the same clips in the same run.

Usage: compare_motion.py SET [--only TEXT] [--stillwatch build/release/stillwatch]
                         [--event-gap 5] [--work FOLDER]

SET is what `stillwatch bench selection` takes: a folder of clips, or a list file.  Needs Debian's
`motion` package (apt-get install motion), and GStreamer with openh264enc.  Videos only.

motion runs with its default settings but for the event gap: 60 s is its default, and then one
event swallows a whole clip.  It starts from a black reference, so half a minute of the first
picture comes before each clip; it runs in real time, so give the machine nothing else to do.

  found  changes with an event of motion's that starts within a second of the change's span
  false  events that touch no listed change, from a second before its span to a second after

Stillwatch is scored by `stillwatch bench selection`, by the stricter rule in its help: the event
must be at the right place, too, and come within 15 s.
"""
import argparse
import json
import pathlib
import re
import selectors
import shutil
import subprocess
import sys
import tempfile
import time

LEAD_S = 30  # Of the first picture, before the clip.
NEAR_S = 1

CONFIG = """daemon off
setup_mode off
log_level 6
netcam_url file://{clip}
width {width}
height {height}
framerate {fps}
webcontrol_port 0
stream_port 0
movie_output off
picture_output off
event_gap {gap}
"""


def clips_of(path):
    """Yields (name, media, truth) of every video of the set that has a truth file."""
    if path.is_dir():
        for file in sorted(path.rglob("*truth.json")):
            truth = json.loads(file.read_text())
            if "changes" in truth and "media" in truth:
                media = file.parent / truth["media"]
                name = media.relative_to(path).with_suffix("").as_posix()
                yield name, media, truth
        return
    root = json.loads(path.read_text())
    base = (path.parent / root.get("base", ".")).resolve()
    for clip in root["clips"]:
        if "truth" in clip and not clip["truth"].endswith("occupancy.json"):
            media = base / clip["media"]
            yield clip.get("name", media.stem), media, json.loads((base / clip["truth"]).read_text())


def with_lead(media, truth, out):
    """The clip with LEAD_S of its first picture before it; width and height multiples of 8."""
    width, height = truth["width"] // 8 * 8, truth["height"] // 8 * 8
    rate = max(1, round(truth["fps"]))
    caps = f"video/x-raw,format=I420,width={width},height={height},framerate={rate}/1"
    source = ["filesrc", f"location={media}", "!", "decodebin", "!", "videoconvert", "!",
              "videoscale", "!", "videorate", "!", caps, "!"]
    subprocess.run(
        ["gst-launch-1.0", "-q", "concat", "name=c", "!", "openh264enc", "rate-control=off",
         "qp-min=18", "qp-max=18", "!", "h264parse", "!", "mp4mux", "!", "filesink",
         f"location={out}", *source, "imagefreeze", f"num-buffers={LEAD_S * rate}", "!", caps, "!",
         "c.", *source, "c."],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return width, height, rate


def run_motion(media, truth, gap, work):
    """Events of motion as (start, end) in seconds of the clip."""
    clip = work / "clip.mp4"
    width, height, rate = with_lead(media, truth, clip)
    seconds = truth["frame_count"] / truth["fps"]
    config = work / "motion.conf"
    config.write_text(CONFIG.format(clip=clip, width=width, height=height, fps=rate, gap=gap))
    began, events = None, []
    with subprocess.Popen(["motion", "-n", "-c", config], cwd=work, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, bufsize=0) as motion:
        lines = selectors.DefaultSelector()
        lines.register(motion.stdout, selectors.EVENT_READ)
        until = time.time() + 60  # Until it has opened the file.
        while (now := time.time()) < until:
            if not lines.select(timeout=until - now):
                continue
            line = motion.stdout.readline().decode(errors="replace")
            now = time.time()
            if not line:
                break
            if began is None and re.search(r"netcam_rtsp_connect: .*connected", line):
                # At the end it opens the file again, from the start: that is not asked.
                began, until = now, now + LEAD_S + seconds
            elif began and "starting event" in line:
                events.append([now - began - LEAD_S, seconds])
            elif began and "End of event" in line and events:
                events[-1][1] = now - began - LEAD_S
            elif began and re.search(r"[Rr]econnect", line):
                break
        motion.terminate()
    if began is None:
        sys.exit(f"compare_motion: motion did not open {clip}; run `motion -n -c {config}` to see why")
    # What the first seconds of the still lead-in set off is not the clip's.
    return [event for event in events if event[1] > 0]


def score(events, truth):
    """(found, false) by the rule above."""
    spans = [(change["span"][0] / truth["fps"] - NEAR_S, change["span"][1] / truth["fps"] + NEAR_S)
             for change in truth["changes"]]
    found = sum(any(first <= start <= last for start, _ in events) for first, last in spans)
    false = sum(not any(first <= end and start <= last for first, last in spans)
                for start, end in events)
    return found, false


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("set", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--stillwatch", default="build/release/stillwatch")
    parser.add_argument("--event-gap", type=int, default=5)
    parser.add_argument("--work", type=pathlib.Path)
    options = parser.parse_args()
    if not shutil.which("motion"):
        sys.exit("compare_motion: there is no `motion`; apt-get install motion")

    command = [options.stillwatch, "bench", "selection", options.set, "--output", "jsonl",
               "--no-decode"] + (["--only", options.only] if options.only else [])
    ours = {}
    for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines():
        row = json.loads(line)
        if "clip" in row and "false_alarms" in row:
            ours[row["clip"]] = row

    total = {"seconds": 0, "changes": 0, "ours": [0, 0], "motion": [0, 0]}
    print(f"{'clip':<32} {'s':>5} {'changes':>7}   {'Stillwatch':^13}   {'motion':^13}")
    print(f"{'':<32} {'':>5} {'':>7}   {'found':>6} {'false':>6}   {'found':>6} {'false':>6}")
    with tempfile.TemporaryDirectory() as scratch:
        work = options.work or pathlib.Path(scratch)
        work.mkdir(parents=True, exist_ok=True)
        for name, media, truth in clips_of(options.set):
            if name not in ours or not media.is_file():
                continue
            row = ours[name]
            found, false = score(run_motion(media, truth, options.event_gap, work.resolve()), truth)
            print(f"{name:<32} {row['seconds']:>5.0f} {row['listed']:>7}   {row['found']:>6} "
                  f"{row['false_alarms']:>6}   {found:>6} {false:>6}", flush=True)
            total["seconds"] += row["seconds"]
            total["changes"] += row["listed"]
            for key, pair in (("ours", (row["found"], row["false_alarms"])),
                              ("motion", (found, false))):
                total[key] = [a + b for a, b in zip(total[key], pair)]
    print(f"{'total':<32} {total['seconds']:>5.0f} {total['changes']:>7}   "
          f"{total['ours'][0]:>6} {total['ours'][1]:>6}   "
          f"{total['motion'][0]:>6} {total['motion'][1]:>6}")
    hours = total["seconds"] / 3600
    if hours > 0:
        print(f"false alarms per camera-hour: Stillwatch {total['ours'][1] / hours:.1f}, "
              f"motion {total['motion'][1] / hours:.1f}")


if __name__ == "__main__":
    main()
