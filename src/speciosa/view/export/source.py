"""What is told about a parameter wherever it is exported: its record, source and grade."""

from __future__ import annotations

from dataclasses import dataclass

from speciosa.evidence.load import Evidence
from speciosa.evidence.record import ASSUMED, GRADES
from speciosa.view.export.reading import ParameterLine


@dataclass(frozen=True)
class Told:
    """Lines about a parameter, and the DOI of its source where it has one."""

    lines: tuple[str, ...]
    doi: str = ""

    @property
    def line(self) -> str:
        """Everything in one line."""
        return " ".join(self.lines)


def told(parameter: ParameterLine, evidence: Evidence | None) -> Told:
    """Return what is known about where a parameter comes from."""
    if parameter.kind == "covariate":
        return Told((f"The person's {parameter.symbol.replace('_', ' ')}.",))
    if parameter.kind == "derived":
        return Told(
            (f'Derived before the run from the parameters of the stage "{parameter.stage}".',)
        )
    if evidence is None:
        return Told((f"Record {parameter.record}.",))
    number = evidence.number(parameter.record)
    lines = [f"Record {number.id}, grade {number.grade} ({GRADES[number.grade]})."]
    if number.source == ASSUMED:
        lines.append("Assumed.")
        return Told(tuple(lines))
    source = evidence.source(number.source)
    place = f", {number.locator}" if number.locator else ""
    lines.append(f"Source: {source.citation}{place}.")
    return Told(tuple(lines), source.doi)
