"""Run the solver check of every shipped study and write what it finds beside the scorecard.

``make scorecard`` runs it too. Only the summary ships; ``speciosa credibility STUDY --check`` shows
every row.
"""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path

from speciosa.core.version import __version__
from speciosa.evidence.load import load_evidence
from speciosa.trial.check import solver_check
from speciosa.trial.study import shipped
from speciosa.verdict.credibility import assessed, load_any

PEOPLE = 20


def main() -> None:
    """Write ``evidence/solver_checks.json``."""
    target = Path(str(files("speciosa.evidence").joinpath("solver_checks.json")))
    found = {}
    for path in sorted(shipped().glob("*.toml")):
        study = load_any(path)
        check = solver_check(study, people=PEOPLE)
        worst = max(check["rows"], key=lambda row: row["share"] or 0.0)
        found[study.id] = {
            "date": date.today().isoformat(), "version": __version__,
            "study_file": assessed(study).hash, "evidence": load_evidence().digest,
            **{key: check[key] for key in ("people", "ways", "jumped")},
            "largest": float(f"{check['largest']:.2g}"),
            "worst": {key: worst[key] for key in ("way", "arm", "endpoint", "change", "unit")},
        }  # fmt: skip
        print(f"{study.id}: {check['largest']:.2g}, {check['jumped']} jumped", flush=True)
        target.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
