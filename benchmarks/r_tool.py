"""mrgsolve and rxode2 on the exported model files: R as it is used, one process to a core."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from given import Given

SETTINGS = [{"relative": 10.0**-k} for k in (6, 7, 8, 9, 10)]
MRGSOLVE = """library(mrgsolve)
model <- mread("model.cpp", soloc = tempdir(), quiet = TRUE)
go <- function(events, people) as.data.frame(mrgsim(
  model, data = events, idata = people, nocb = FALSE, recsort = 3,
  rtol = {relative}, atol = {absolute}, maxsteps = 1000000, Req = "{first}"))
"""
RXODE2 = """library(rxode2)
setRxThreads(1)
model <- rxode2(filename = "model.rxode2", modName = "speciosa", wd = tempdir())
go <- function(events, people) as.data.frame(rxSolve(
  model, params = setNames(people, sub("^ID$", "id", names(people))), events = events,
  covsInterpolation = "locf", addDosing = FALSE, rtol = {relative}, atol = {absolute},
  maxsteps = 1000000))
"""
REST = """ids <- c({ids})
people <- subset(read.csv("people.csv"), ID %in% ids)
events <- subset(read.csv("events.csv"), ID %in% ids)
seconds <- system.time(found <- go(events, people))[["elapsed"]]
names(found)[tolower(names(found)) == "id"] <- "ID"
if (!"ID" %in% names(found)) found$ID <- ids
found <- found[round(found$time, 6) %in% round(c({hours}), 6), ]
cat("seconds", seconds, "\\n")
write.csv(found[, c("ID", "time", c({states}))], "{out}", row.names = FALSE)
"""


def there(package: str) -> bool:
    """Whether R and a package of it are installed."""
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", f'quit(status = !requireNamespace("{package}", quietly = TRUE))']
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0


class RSolver:
    """A package of R, started anew for every setting; what it needs to start is not counted."""

    def __init__(self, given: Given, head: str, folder: Path) -> None:
        self.given, self.head, self.folder = given, head, folder
        self.seconds: float | None = None

    def solve(
        self, jobs: Sequence[Mapping[str, Any]], setting: Mapping[str, Any], hours: Sequence[float]
    ) -> Any:
        """Return the states of the people at the moments that are compared, (N, T, S)."""
        ids, states = [job["id"] for job in jobs], list(self.given.states)
        out = f"found-{ids[0]}.csv"
        relative = setting["relative"]
        script = (self.head + REST).format(
            relative=relative, absolute=relative * min(self.given.scales), first=",".join(states),
            ids=", ".join(map(str, ids)), hours=", ".join(map(repr, self.given.moments)),
            states=", ".join(f'"{name}"' for name in states), out=out,
        )  # fmt: skip
        file = self.folder / f"run-{ids[0]}.R"
        file.write_text(script, encoding="utf-8")
        done = subprocess.run(["Rscript", file.name], cwd=self.folder, capture_output=True,
                              text=True, check=False)  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr[-1500:])
        line = next(row for row in done.stdout.splitlines() if row.startswith("seconds"))
        self.seconds = float(line.split()[1])
        rows = list(csv.DictReader(io.StringIO((self.folder / out).read_text(encoding="utf-8"))))
        found = np.full((len(ids), len(self.given.hours), len(states)), np.nan)
        for row in rows:
            at = self.given.kept[
                [round(h, 6) for h in self.given.moments].index(round(float(row["time"]), 6))
            ]
            found[ids.index(int(float(row["ID"]))), at] = [float(row[name]) for name in states]
        return found
