"""A process that stands for a run's: it does what the study's question says."""

from __future__ import annotations

import json
import os
import sys
import time
import tomllib
from pathlib import Path


def main() -> None:
    print(json.dumps({"state": "ready"}), flush=True)
    job = json.loads(sys.stdin.readline())
    folder = Path(job["folder"])
    resumed = folder.exists()
    folder.mkdir(exist_ok=True)
    wish = tomllib.loads(job["study"])["study"]["question"]
    print(json.dumps({"state": "running", "done": 10, "asked": 100}), flush=True)
    if wish == "crash" and not resumed:
        print("the memory ran out", file=sys.stderr, flush=True)
        os._exit(7)
    if wish == "fail":
        print(json.dumps({"state": "failed", "message": "It cannot be run."}), flush=True)
        return
    while wish == "wait":
        time.sleep(0.05)
    print("not a line of JSON", flush=True)
    print(json.dumps({"state": "finished", "done": 100, "failed": 0}), flush=True)


if __name__ == "__main__":
    main()
