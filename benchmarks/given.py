"""What a solver of another library is given, as files; no import of Speciosa is needed to read it.

A person's run is cut at every moment where a dose is given, a held input changes or light turns;
between two cuts the equations are smooth and a solver may do as it likes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

FILE = "given.json"
SOON = 9  # digits by which moments are told apart


@dataclass(frozen=True)
class Given:
    """The problem on disk: see :func:`write`."""

    text: Mapping[str, str]
    states: Sequence[str]
    scales: Sequence[float]
    names: Sequence[str]
    hours: Sequence[float]
    moments: Sequence[float]
    jobs: Sequence[Mapping[str, Any]]

    @property
    def kept(self) -> list[int]:
        """Places of the moments that are compared among the hours that are read."""
        hours = [round(at, SOON) for at in self.hours]
        return [hours.index(round(at, SOON)) for at in self.moments]


def write(
    folder: Path,
    *,
    text: Mapping[str, str],
    states: Sequence[str],
    scales: Sequence[float],
    names: Sequence[str],
    hours: Sequence[float],
    moments: Sequence[float],
    jobs: Sequence[Any],
) -> None:
    """Write the problem for other solvers.

    Args:
        folder: where.
        text: ``sbml``, ``scalar`` and ``rows``: the equations in three writings.
        states, scales: names and typical sizes.
        names: what the functions take as ``p``.
        hours: when every solver reads its states out, as a trial would, h.
        moments: those of them at which states are compared.
        jobs: one per person: values, changes, switches.
    """
    plain = [asdict(job) if is_dataclass(job) and not isinstance(job, type) else job
             for job in jobs]  # fmt: skip
    whole = dict(text=dict(text), states=list(states), scales=list(scales), names=list(names),
                 hours=list(hours), moments=list(moments), jobs=plain)  # fmt: skip
    (folder / FILE).write_text(json.dumps(whole), encoding="utf-8")


def load(folder: Path) -> Given:
    """Read the problem."""
    return Given(**json.loads((folder / FILE).read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Stretch:
    """From one cut to the next: what changes at its beginning, when it is read, where it ends."""

    begin: float
    end: float
    changes: Sequence[Sequence[Any]]
    read: Sequence[float]


def stretches(job: Mapping[str, Any], hours: Sequence[float]) -> Iterator[Stretch]:
    """Yield a person's run piece by piece; the last ends where it is read for the last time."""
    hours = [round(at, SOON) for at in hours]
    happening = {round(at, SOON): now for at, now in job["changes"]}
    cuts = {0.0, *happening, *(round(at, SOON) for at in job["switches"])}
    inner = sorted(at for at in cuts if at < hours[-1])
    for begin, end in zip(inner, [*inner[1:], hours[-1]], strict=True):
        inside = [at for at in hours if begin < at <= end]
        yield Stretch(begin, end, happening.get(begin, ()), inside)
