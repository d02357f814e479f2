"""Write the scorecard that ships: every published result, simulated and judged.

`make scorecard` runs it; it takes some minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path

from speciosa.core.notice import SIMULATED
from speciosa.core.version import __version__
from speciosa.evidence.load import load_evidence
from speciosa.verdict.benchmark import FILE
from speciosa.verdict.scorecard import validate

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
    options.add_argument("--out", default=str(HERE / "src" / "speciosa" / "evidence" / FILE))
    given = options.parse_args()
    seen = [time.monotonic()]

    def tell(progress: object) -> None:
        if time.monotonic() - seen[0] > 15:
            seen[0] = time.monotonic()
            print(progress, flush=True)

    card = validate(draws=given.draws, people=given.people, seed=given.seed, on_progress=tell)
    about = {
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "evidence": load_evidence().digest,
        "notice": SIMULATED,
        **{key: card["summary"].pop(key) for key in ("draws", "people", "seed")},
    }
    seconds = card["summary"].pop("seconds")
    rows = [{key: rounded(row[key]) for key in KEPT} for row in card["results"]]
    summary = {key: each for key, each in card["summary"].items() if key != "failures"}
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    Path(given.out).write_text(
        f'{{"about": {json.dumps(about)},\n "summary": {json.dumps(summary)},\n'
        f' "results": [\n{lines}\n ]}}\n',
        encoding="utf-8",
    )
    print(summary, f"{seconds:.0f} s")


if __name__ == "__main__":
    main()
