"""Write the scorecard that ships: every published result, simulated and judged.

`make scorecard` runs it; it takes some minutes on two cores. ``--only`` runs the results whose ids
match some patterns again and keeps the rest, which is honest only where nothing that the rest rests
on has changed.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path

from speciosa.core.notice import SIMULATED
from speciosa.core.version import __version__
from speciosa.evidence.load import load_evidence
from speciosa.trial.validate import predictions
from speciosa.verdict.benchmark import FILE
from speciosa.verdict.scorecard import scored, summary

HERE = Path(__file__).resolve().parents[1]
KEPT = (
    "id", "source", "population", "setting", "regimen", "reference_regimen", "quantity", "metric",
    "at", "n", "unit", "published", "published_low", "published_high", "predicted", "low", "high",
    "accepted", "fold_error", "role", "pass", "reason", "notes",
)  # fmt: skip
DIGITS = 4


def rounded(value: object) -> object:
    """Keep four significant digits of every number that was simulated."""
    if isinstance(value, bool) or not isinstance(value, (float, list)):
        return value
    if isinstance(value, list):
        return [rounded(each) for each in value]
    return float(f"{value:.{DIGITS}g}")


def main() -> None:
    """Validate and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--draws", type=int, default=10)
    options.add_argument("--people", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", nargs="*", default=[], help="patterns of ids, as in ling2009_*")
    options.add_argument("--out", default=str(HERE / "src" / "speciosa" / "evidence" / FILE))
    given = options.parse_args()
    seen = [time.monotonic()]

    def tell(progress: object) -> None:
        if time.monotonic() - seen[0] > 15:
            seen[0] = time.monotonic()
            print(progress, flush=True)

    evidence = load_evidence()
    size = {"draws": given.draws, "people": given.people, "seed": given.seed}
    wanted = [
        each
        for each in evidence.results.values()
        if not given.only or any(fnmatch(each.id, pattern) for pattern in given.only)
    ]
    began = time.monotonic()
    found = predictions(wanted, evidence, on_progress=tell, **size)
    rows = {each["id"]: each for each in map(scored, found)}
    if given.only:
        kept = json.loads(Path(given.out).read_text(encoding="utf-8"))
        if any(kept["about"][key] != value for key, value in size.items()):
            options.error("the kept rows were run with other draws, people or seed")
        rows = {each["id"]: each for each in kept["results"]} | rows
    ordered = [
        {
            **{key: rounded(rows[name][key]) for key in KEPT},
            "published": result.value,
            "published_low": result.low,
            "published_high": result.high,
        }
        for name, result in evidence.results.items()
    ]
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "evidence": evidence.digest,
        "notice": SIMULATED,
        **size,
    }
    counts = summary(ordered)
    counts.pop("failures")
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in ordered)
    Path(given.out).write_text(
        f'{{"about": {json.dumps(about)},\n "summary": {json.dumps(counts)},\n'
        f' "results": [\n{lines}\n ]}}\n',
        encoding="utf-8",
    )
    print(counts, f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
