"""Writes the table of unit conversions that ships, so that a quick look need not load pint.

Run it when recipes or records use new units: ``python benchmarks/units.py``. A test compares every
entry with pint, and what is not in the table is computed as ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np

from speciosa.core import units
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.models.relapse import EXTRA
from speciosa.people.parameters import sample
from speciosa.trial.recruited import recruited
from speciosa.trial.run import prepared
from speciosa.trial.study import Study, load_study, shipped
from speciosa.trial.validate import _all_units
from speciosa.verdict.appraisal import STUDIES
from speciosa.verdict.plan import plan_runs


def pairs() -> Iterator[tuple[str, str]]:
    """Yield every conversion that preparing the shipped studies asks for."""
    seen: set[tuple[str, str]] = set()
    original = units._line.__wrapped__

    def noted(from_unit: str, to_unit: str) -> tuple[float, float]:
        seen.add((from_unit, to_unit))
        return original(from_unit, to_unit)

    units._line = noted  # type: ignore[assignment]
    evidence, somebody = load_evidence(), np.zeros(20, dtype=int)
    for study in prepared_studies(evidence):
        plan = prepared(study, evidence)
        people = recruited(plan, evidence, somebody, np.arange(20))
        sample(EXTRA, evidence, people.cohort)
    _all_units()
    yield from sorted(seen)


def prepared_studies(evidence: Evidence) -> Iterator[Study]:
    """Yield every study that ships and every one that an appraisal makes of them."""
    for file in sorted(shipped().glob("*.toml")):
        if 'disorder = "overdose"' not in file.read_text(encoding="utf-8"):
            yield load_study(file)
    studies = {disorder: load_study(name) for disorder, name in STUDIES.items()}
    for part in plan_runs(studies, tuple(evidence.claims.values()), evidence):
        yield part.study


def main() -> None:
    """Write the table."""
    units.FILE.write_text("{}\n", encoding="utf-8")
    units._shipped.cache_clear()
    asked = [(one, other) for one, other in pairs() if one != other]
    both = sorted({*asked, *((other, one) for one, other in asked)})
    rows = ",\n".join(
        f" {json.dumps(f'{one} -> {other}')}: {list(units.line(one, other))}" for one, other in both
    )
    units.FILE.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")
    print(len(both), "conversions")


if __name__ == "__main__":
    main()
