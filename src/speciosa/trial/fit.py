"""Learning from data: chosen records updated by what was observed, and a new evidence set written.

The prior of a record is its spread; where its people differ, each person of individual data has
values of their own about it and how far they differ is learnt too. Published summaries (the columns
of ``speciosa validate``) are compared with the typical person. Only what no decision acts on is
fitted: concentrations, and what follows from them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.bayes import Learner, Posterior, Settings, Unknown
from speciosa.core.differentiable import Schedule, forward
from speciosa.core.errors import InputError, nearest
from speciosa.core.files import write_whole
from speciosa.core.version import __version__
from speciosa.core.wiring import Model
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.evidence.record import Number
from speciosa.evidence.sample import TAIL
from speciosa.models.interaction import interaction
from speciosa.models.opioid import cut_down
from speciosa.trial.design import takers
from speciosa.trial.individual import (
    Observations,
    dose_entries,
    is_individual,
    read_individual,
)
from speciosa.trial.published import Published, read_published

Array = NDArray[np.float64]
MOST_RHAT, LEAST_ESS = 1.01, 400.0
OFTEN = 6  # observations per person from which people's own values are well known
BINS, MOST_TIMES = 8, 24  # of time, in a predictive check; times that each get their own
LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class Learnt:
    """One record before and after.

    Args:
        record: its id.
        unit: its unit.
        prior: 5, 50 and 95 % points of what was believed.
        posterior: the same of what is believed now.
        between: sd between people, 5, 50 and 95 %; None where they are not taken to differ.
        prior_between: what the record said of it.
        rhat, ess: of the sampler.
    """

    record: str
    unit: str
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    between: tuple[float, float, float] | None
    prior_between: float | None
    rhat: float
    ess: float


@dataclass(frozen=True)
class Fit:
    """A finished fit: what was learnt, whether the sampler may be trusted, and the check."""

    data: str
    people: int
    observations: int
    learnt: tuple[Learnt, ...]
    residual: tuple[float, float, float] | None
    rhat: float
    ess: float
    divergences: int
    check: tuple[dict[str, Any], ...]
    posterior: Posterior
    digest: str
    profiles: tuple[dict[str, Any], ...] = ()
    points: tuple[dict[str, Any], ...] = ()
    units: Mapping[str, str] = field(default_factory=dict)

    @property
    def trustworthy(self) -> bool:
        """Whether R-hat is below 1.01 and every effective sample size above 400."""
        return self.rhat < MOST_RHAT and self.ess > LEAST_ESS

    def document(self) -> dict[str, Any]:
        """Return the fit as plain values."""
        kept = {k: v for k, v in vars(self).items() if k != "posterior"}
        kept["learnt"] = [vars(each) for each in self.learnt]
        return {**json.loads(json.dumps(kept)), "trustworthy": self.trustworthy}


def fit(
    data: str | Path,
    parameters: Sequence[str],
    *,
    evidence: Evidence | None = None,
    settings: Settings | None = None,
) -> Fit:
    """Update records by data.

    Args:
        data: a CSV file: individual data (:mod:`speciosa.trial.individual`) or published summaries
            (the columns of ``speciosa validate``).
        parameters: records to learn.
        evidence: the numbers; by default those that ship.
        settings: of the sampler.

    Raises:
        InputError: a record that is not there, has no spread, or that no observation rests on.
    """
    import hashlib

    evidence = evidence or load_evidence()
    settings = settings or Settings()
    unknowns = _unknowns(parameters, evidence, individual := is_individual(data))
    digest = hashlib.sha256(Path(data).read_bytes()).hexdigest() if Path(data).is_file() else ""
    if individual:
        return _individual(data, unknowns, evidence, settings, digest)
    return _published(data, unknowns, evidence, settings, digest)


def model_for(entries: Sequence[str], quantities: Sequence[str]) -> Model:
    """Return the part of the recipe that takes some doses and gives some quantities."""
    whole = interaction(set(entries), behaviour=False, habits=False)
    for quantity in quantities:
        if quantity not in whole.units:
            raise InputError(f'no quantity "{quantity}"', "fit", nearest(quantity, whole.units))
    return cut_down(whole, [*quantities, *takers(whole, entries)], ())


def _unknowns(parameters: Sequence[str], evidence: Evidence, several: bool) -> tuple[Unknown, ...]:
    if not parameters:
        raise InputError("no parameter", "--parameters", "Name records, joined by commas.")
    if len(set(parameters)) < len(parameters):
        raise InputError("a parameter stands twice", "--parameters", "Name each once.")
    found = []
    for name in parameters:
        number = evidence.number(name)
        if number.spread is None:
            raise InputError(
                f'"{name}" has no spread, so there is no prior', "--parameters",
                "Choose a record with one, or give it one in an evidence set.",
            )  # fmt: skip
        between = number.between if several else None
        found.append(Unknown(
            name, number.spread.shape, number.value, prior_scale(number),
            between.sd if between else 0.0, between.shape if between else "lognormal",
        ))  # fmt: skip
    return tuple(found)


def prior_scale(number: Number) -> tuple[float, ...]:
    """Return the sd of a record's spread on the scale of its shape, or the two ends.

    >>> from speciosa.evidence.record import Spread
    >>> a = Number("a", 2.0, "1", "assumed", "E", Spread("normal", 2 - 1.6449, 2 + 1.6449))
    >>> round(prior_scale(a)[0], 3)
    1.0
    """
    spread = number.spread
    assert spread is not None
    low, high = spread.low, spread.high
    if spread.shape in ("uniform", "loguniform"):
        return low, high
    if spread.shape == "lognormal":
        low, high = np.log(low), np.log(high)
    if spread.shape == "logitnormal":
        low, high = (np.log(x) - np.log1p(-x) for x in (low, high))
    return (float(high - low) / (2 * TAIL),)


def _individual(
    data: str | Path, unknowns: Sequence[Unknown], evidence: Evidence, settings: Settings,
    digest: str,
) -> Fit:  # fmt: skip
    units = interaction(dose_entries(data), behaviour=False, habits=False).units
    seen = read_individual(data, evidence, units)
    schedule = Schedule(seen.doses, seen.reads, len(seen.ids))
    model = model_for(tuple(seen.doses), schedule.quantities)
    predict = forward(
        model, schedule, numbers_of(model, evidence), seen.covariates, [u.name for u in unknowns]
    )
    often = seen.values.size >= OFTEN * len(seen.ids)
    unknowns = tuple(replace(u, centred=often) for u in unknowns)
    learner = Learner(predict, unknowns, len(seen.ids), settings, censored=seen.censored)
    posterior = learner.learn(seen.values)
    made = _fit(data, unknowns, evidence, posterior, digest, len(seen.ids), seen.values.size,
                _check(seen, posterior))  # fmt: skip
    points = tuple(
        {"quantity": quantity, "hours": float(at), "value": float(value), "censored": bool(below)}
        for (at, _, quantity), value, below in zip(
            seen.reads, seen.values, seen.censored, strict=True)
    )  # fmt: skip
    return replace(
        made, points=points, units={q: units[q] for q in schedule.quantities},
        profiles=_profiles(learner, seen.values, posterior),
    )  # fmt: skip


def _published(
    data: str | Path, unknowns: Sequence[Unknown], evidence: Evidence, settings: Settings,
    digest: str,
) -> Fit:  # fmt: skip
    seen: Published = read_published(data, evidence)
    model = model_for(tuple(seen.schedule.doses), seen.schedule.quantities)
    course = forward(
        model, seen.schedule, numbers_of(model, evidence), seen.covariates,
        [u.name for u in unknowns],
    )  # fmt: skip
    learner = Learner(lambda values: seen.summaries(course(values)), unknowns,
                      seen.schedule.people, settings, errors=seen.errors)  # fmt: skip
    posterior = learner.learn(seen.values)
    check = tuple(
        {"id": name, "observed": float(value), "low": float(low), "median": float(middle),
         "high": float(high)}
        for name, value, low, middle, high in zip(
            seen.ids, seen.values, *posterior.predicted, strict=True)
    )  # fmt: skip
    people = seen.schedule.people
    made = _fit(data, unknowns, evidence, posterior, digest, people, seen.values.size, check)
    return replace(made, profiles=_profiles(learner, seen.values, posterior))


def _profiles(
    learner: Learner, observed: Array, posterior: Posterior
) -> tuple[dict[str, Any], ...]:
    """Return the profile likelihood of every record in its own unit."""
    found = []
    for each in learner.profiles(observed, posterior):
        at = partial(learner.value_at, each.name)
        found.append({
            "record": each.name, "values": [at(z) for z in each.values], "loss": list(each.loss),
            "low": None if each.low is None else at(each.low),
            "high": None if each.high is None else at(each.high), "bounded": each.bounded,
        })  # fmt: skip
    return tuple(found)


def numbers_of(model: Model, evidence: Evidence) -> dict[str, tuple[float, str]]:
    """Return the value and unit of every record that a model rests on."""
    return {r: (evidence.number(r).value, evidence.number(r).unit) for r in model.records()}


def _fit(
    data: str | Path, unknowns: Sequence[Unknown], evidence: Evidence, posterior: Posterior,
    digest: str, people: int, observations: int, check: tuple[dict[str, Any], ...],
) -> Fit:  # fmt: skip
    learnt = tuple(_learnt(u, evidence.number(u.name), posterior) for u in unknowns)
    residual = posterior.draws.get("residual")
    return Fit(
        Path(data).name, people, observations, learnt,
        None if residual is None else _points(residual),
        max(posterior.rhat.values()), min(posterior.ess.values()), posterior.divergences, check,
        posterior, digest,
    )  # fmt: skip


def _learnt(unknown: Unknown, number: Number, posterior: Posterior) -> Learnt:
    from speciosa.evidence.sample import draw_value

    name = unknown.name
    omega = posterior.draws.get(f"omega: {name}")
    mine = [name] if omega is None else [name, f"omega: {name}"]
    low, middle, high = (float(draw_value(number, z)) for z in (-TAIL, 0.0, TAIL))
    return Learnt(
        name, number.unit, (low, middle, high), _points(posterior.draws[name]),
        None if omega is None else _points(omega), unknown.between or None,
        max(posterior.rhat[k] for k in mine), min(posterior.ess[k] for k in mine),
    )  # fmt: skip


def _points(draws: Array) -> tuple[float, float, float]:
    low, middle, high = (float(x) for x in np.quantile(draws, (0.05, 0.5, 0.95)))
    return low, middle, high


def _check(seen: Observations, posterior: Posterior) -> tuple[dict[str, Any], ...]:
    """Compare observations with new ones of new people, time by time (visual predictive check).

    ``bands`` are the 5, 50 and 95 % points, each with the 90 % range of what replicates of the
    whole data set give; ``inside`` is the share of observations between the outer points.
    """
    found = []
    for quantity in dict.fromkeys(q for _, _, q in seen.reads):
        mine = np.array([k for k, (_, _, q) in enumerate(seen.reads) if q == quantity])
        hours = np.array([seen.reads[k][0] for k in mine])
        place = _bins(hours)
        for bin_ in np.unique(place):
            rows = mine[place == bin_]
            points = np.quantile(posterior.simulated[:, rows], LEVELS, axis=1)
            inside = (seen.values[rows] >= posterior.predicted[0, rows]) & (
                seen.values[rows] <= posterior.predicted[2, rows])  # fmt: skip
            found.append({
                "quantity": quantity, "hours": float(np.median(hours[place == bin_])),
                "observed": [float(x) for x in np.quantile(seen.values[rows], LEVELS)],
                "predicted": [float(np.median(row[rows])) for row in posterior.predicted],
                "bands": np.quantile(points, LEVELS, axis=1).T.tolist(),
                "inside": float(inside.mean()), "n": int(rows.size),
            })  # fmt: skip
    return tuple(found)


def _bins(hours: Array) -> NDArray[np.int64]:
    """Number the bin of each observation: its time, or one of a few where times hardly repeat."""
    times, place = np.unique(hours, return_inverse=True)
    if times.size <= MOST_TIMES:
        return np.asarray(place, dtype=np.int64)
    edges = np.unique(np.quantile(hours, np.linspace(0, 1, BINS + 1)))
    found = np.searchsorted(edges, hours, side="right") - 1
    return np.clip(found, 0, max(0, edges.size - 2)).astype(np.int64)


def evidence_set(fitted: Fit, evidence: Evidence, name: str) -> str:
    """Return a fit as the text of an evidence set, which ``[hypotheses] evidence_set`` can name.

    The spread is the posterior's 5 to 95 % and the source is the data; the grade stays that of the
    prior, because data of unknown quality do not make a number better.
    """
    source = "data_" + re.sub(r"\W+", "_", Path(fitted.data).stem.lower())
    lines = [
        f"# Fitted by speciosa {__version__} to {fitted.data} (sha256 {fitted.digest}):",
        f"# {fitted.people} people or regimens, {fitted.observations} observations, largest R-hat "
        f"{fitted.rhat:.4f}, smallest effective sample size {fitted.ess:.0f}.",
        "", "[set]", f"name = {json.dumps(name)}",
        f"about = {json.dumps(f'Records fitted to {fitted.data}.')}",
        "", f"[set.sources.{source}]", f"citation = {json.dumps(f'Data file {fitted.data}')}",
        'kind = "dataset"', f'note = "sha256 {fitted.digest}"',
    ]  # fmt: skip
    for each in fitted.learnt:
        number = evidence.number(each.record)
        assert number.spread is not None
        shape = {"uniform": "normal", "loguniform": "lognormal"}.get(
            number.spread.shape, number.spread.shape
        )
        low, middle, high = each.posterior
        note = (f"fitted: posterior given {fitted.data}; prior {each.prior[1]:.4g} "
                f"({each.prior[0]:.4g} to {each.prior[2]:.4g}). {number.note}").strip()  # fmt: skip
        lines += [
            "", f"[{each.record}]", f"value = {middle:.6g}", f'unit = "{number.unit}"',
            f'spread = {{ shape = "{shape}", low = {low:.6g}, high = {high:.6g} }}',
        ]  # fmt: skip
        if each.between is not None and number.between is not None:
            sd = each.between[1]
            lines.append(f'between = {{ shape = "{number.between.shape}", sd = {sd:.6g} }}')
        lines += [f'source = "{source}"', f"locator = {json.dumps(fitted.data)}",
                  f'grade = "{number.grade}"', 'verified = "derived"',
                  f"note = {json.dumps(note)}"]  # fmt: skip
    return "\n".join(lines) + "\n"


def write_evidence_set(fitted: Fit, evidence: Evidence, path: str | Path) -> Path:
    """Write the evidence set of a fit and read it back once, so that a study can name it.

    Raises:
        InputError: the sampler may not be trusted (R-hat, effective sample size).
    """
    if not fitted.trustworthy:
        raise InputError(
            f"R-hat {fitted.rhat:.3f} and {fitted.ess:.0f} effective samples: not settled", "fit",
            f"They must be below {MOST_RHAT} and above {LEAST_ESS:.0f}: ask for more --samples.",
        )  # fmt: skip
    target = Path(path)
    if target.suffix != ".toml":
        raise InputError(f'"{target.name}" is no TOML file', "--out", "Let it end in .toml.")
    write_whole(target, evidence_set(fitted, evidence, target.stem))
    load_evidence(overlay=target)
    return target
