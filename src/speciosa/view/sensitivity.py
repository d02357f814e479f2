"""What decides a verdict, what was learnt and why to believe it, in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.evidence.load import load_evidence
from speciosa.trial.check import solver_check
from speciosa.trial.fit import Settings, fit, write_evidence_set
from speciosa.trial.study import load_study
from speciosa.verdict.credibility import credibility
from speciosa.verdict.what_decides import Effort, asked_of, what_decides
from speciosa.view.terminal import console, people_progress
from speciosa.view.words import number, probability, with_interval


def ask_what_decides(
    target: str, claim: str | None, seed: int | None, size: Mapping[str, int], *, quiet: bool
) -> dict[str, Any]:
    """Ask what decides a study's or a claim's verdict; print it unless quiet, and return it."""
    study, named = asked_of(target, claim)
    with people_progress() as bar:
        found = what_decides(
            study.resized(seed=seed), named, effort=Effort(**size), on_progress=bar.follow
        )
    if not quiet:
        print_sensitivity(found)
    return found


def learn(
    data: Path, parameters: str, out: Path | None, size: Mapping[str, int], *, quiet: bool
) -> dict[str, Any]:
    """Fit records to data, write the evidence set where one is wanted, and print the fit."""
    names = [name.strip() for name in parameters.split(",") if name.strip()]
    found = fit(data, names, settings=Settings(**size))
    written = str(write_evidence_set(found, load_evidence(), out)) if out else None
    if not quiet:
        print_fit(found.document(), written)
    return {**found.document(), "written": written}


def assess(path: str, people: int, *, quiet: bool) -> dict[str, Any]:
    """Return the credibility record of a study; with people, after its solver check."""
    study, solver = load_study(path), None
    if people:
        study.resized(people=people)  # which refuses too few
        with people_progress() as bar:
            solver = solver_check(study, people=people, on_progress=bar.follow)
    record = credibility(study, solver=solver)
    if not quiet:
        print_credibility(record)
    return record


def print_sensitivity(found: Mapping[str, Any], *, to: Console | None = None) -> None:
    """Print what :func:`speciosa.verdict.what_decides.what_decides` returned."""
    out = to or console()
    told = found["decides"]
    out.print(Text(found["question"], style="bold"))
    out.print(f"{told['label']}: {told['word']}, by the effect alone. "
              f"{_measure(told)}")  # fmt: skip
    out.print(_flip(found["flip"]))
    _shares(out, found)
    _numbers(out, told)
    known = found["identifiable"]
    if known and known["lost"]:
        groups = "; ".join(" with ".join(group) for group in known["lost"])
        out.print(f"Such a trial cannot tell apart, or does not see: {groups}.")
    elif known:
        out.print(f"Such a trial could tell all {known['rank']} screened numbers apart.")
    cost = found["cost"]
    out.print(Text(f"{cost['person_courses']} person-courses of {cost['days']} days, "
                   f"{cost['failed']} failed.", style="dim"))  # fmt: skip
    _end(out)


def _measure(told: Mapping[str, Any]) -> str:
    first = told["numbers"][0] if told["numbers"] else None
    if told["measure"]:
        return f"Most worth measuring: {told['measure']}."
    if first and first["beyond_chance"]:
        return f"{first['record']} moves it most; knowing it would not change what one does."
    return "No single number stands out from chance."


def _flip(flip: Mapping[str, Any] | None) -> str:
    if flip is None:
        return "No single number turns the answer within three standard deviations."
    text = (f"Smallest change that turns it: {flip['record']} from {number(flip['from'])} to "
            f"{number(flip['to'])}{'' if flip['unit'] == '1' else ' ' + flip['unit']} "
            f"({number(flip['standard_deviations'])} sd): {flip['expected']}.")  # fmt: skip
    if flip["confirmed"] is None:
        return text
    return f"{text} Run so: {flip['found']}{'' if flip['confirmed'] else ', not confirmed'}."


def _shares(out: Console, found: Mapping[str, Any]) -> None:
    screening = {each["name"]: each for each in found["morris"]}
    if not screening:
        return
    shares = {each["name"]: each for each in found["sobol"]}
    table = _table("Number", "Morris: mean size", "spread", "Sobol: alone", "with others")
    for name in dict.fromkeys([*shares, *screening]):
        one, other = screening.get(name), shares.get(name)
        table.add_row(
            name,
            number(one["size"]) if one else "–",
            number(one["spread"]) if one else "–",
            f"{other['first']:.2f} ± {other['first_error']:.2f}" if other else "–",
            f"{other['total']:.2f} ± {other['total_error']:.2f}" if other else "–",
        )
    out.print(table)


def _numbers(out: Console, told: Mapping[str, Any]) -> None:
    table = _table("Number", "effect where low", "where high", "explains", "worth knowing")
    for each in told["numbers"]:
        table.add_row(
            each["record"], number(each["low"]), number(each["high"]),
            f"{100 * each['share']:.0f} %" if each["beyond_chance"] else "within chance",
            number(each["worth"]),
        )  # fmt: skip
    out.print(table)


def print_fit(fitted: Mapping[str, Any], written: str | None, *, to: Console | None = None) -> None:
    """Print a fit: prior and posterior side by side, then whether the sampler may be trusted."""
    out = to or console()
    out.print(Text(f"{fitted['data']}: {fitted['people']} people or regimens, "
                   f"{fitted['observations']} observations.", style="bold"))  # fmt: skip
    table = _table("Number", "prior (5–95 %)", "posterior (5–95 %)", "unit", "R-hat", "ESS")
    for each in fitted["learnt"]:
        table.add_row(
            each["record"], _interval(each["prior"]), _interval(each["posterior"]),
            "" if each["unit"] == "1" else each["unit"], f"{each['rhat']:.4f}",
            f"{each['ess']:.0f}",
        )  # fmt: skip
        if each["between"]:
            table.add_row("  between people, sd", number(each["prior_between"]),
                          _interval(each["between"]), "", "", "")  # fmt: skip
    out.print(table)
    out.print(f"Largest R-hat {fitted['rhat']:.4f}, smallest effective sample size "
              f"{fitted['ess']:.0f}, {fitted['divergences']} divergences: "
              f"{'settled' if fitted['trustworthy'] else 'NOT settled'}.")  # fmt: skip
    bins = [each for each in fitted["check"] if "hours" in each]
    if bins:
        seen = _table("Predictive check", "h", "observed (5–95 %)", "predicted (5–95 %)", "inside")
        for each in bins:
            seen.add_row(each["quantity"], number(each["hours"]), _interval(each["observed"]),
                         _interval(each["predicted"]), probability(each["inside"]))  # fmt: skip
        out.print(seen)
    if written:
        out.print(f"Wrote    {written}\nNext     name it in a study: [hypotheses] evidence_set = "
                  f'"{written}"', soft_wrap=True)  # fmt: skip
    _end(out)


def _interval(points: Any) -> str:
    low, middle, high = points
    return str(with_interval({"estimate": middle, "low": low, "high": high}))


def print_credibility(record: Mapping[str, Any], *, to: Console | None = None) -> None:
    """Print the credibility record of a study, gaps last."""
    out = to or console()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="bold", overflow="fold", ratio=1)
    table.add_column(overflow="fold", ratio=3)
    for row in record["assessment"]:
        table.add_row(row["item"], row["text"] or "not stated")
    out.print(table)
    factors = _table("Factor", "shown", "enough")
    for each in record["factors"]:
        factors.add_row(each["name"], each["shown"], "yes" if each["enough"] else "no")
    out.print(factors)
    if record["solver"]:
        _solver(out, record["solver"])
    for each in record["gaps"]:
        out.print(Text(each, style="dim"))
    _end(out)


def _solver(out: Console, solver: Mapping[str, Any]) -> None:
    table = _table(
        "Solver check", "arm", "endpoint", "change of mean", "one person, most", "jumped"
    )
    for row in solver["rows"]:
        table.add_row(row["way"], row["arm"], row["endpoint"], number(row["change"]),
                      number(row["most"]), str(row["jumped"]))  # fmt: skip
    out.print(table)


def _table(first: str, *more: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first, overflow="fold", ratio=1)
    for name in more:
        table.add_column(name, justify="right", overflow="fold")
    return table


def _end(out: Console) -> None:
    out.print(Text(f"{SIMULATED.capitalize()}. {INTENDED_USE}", style="dim"))
