"""What decides a verdict, what was learnt and why to believe it, in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from speciosa.core.errors import InputError
from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.evidence.load import load_evidence
from speciosa.trial.check import solver_check
from speciosa.trial.fit import Settings, fit, write_evidence_set
from speciosa.trial.overdose import OverdoseStudy, resized
from speciosa.verdict.credibility import credibility, load_any
from speciosa.verdict.information import STEADY
from speciosa.verdict.what_decides import Effort, asked_of, what_decides
from speciosa.view.decides import write_sensitivity
from speciosa.view.fitted import write_fit
from speciosa.view.place import must_take
from speciosa.view.progress import people_progress
from speciosa.view.terminal import console
from speciosa.view.words import number, probability, with_interval

ROWS = 12  # numbers of a table in a terminal
CENTRE = 0.06  # standard deviations under which a number stands at its centre


def ask_what_decides(
    target: str, claim: str | None, seed: int | None, size: Mapping[str, int],
    out: Path | None = None, *, quiet: bool,
) -> dict[str, Any]:  # fmt: skip
    """Ask what decides a study's or a claim's verdict; print it unless quiet, and return it.

    With ``out`` the folder gets a page and the document.
    """
    study, named = asked_of(target, claim)
    if out:
        must_take(out)
    with people_progress() as bar:
        found = what_decides(
            study.resized(seed=seed), named, effort=Effort(**size), on_progress=bar.follow
        )
    page = write_sensitivity(found, out) if out else None
    if not quiet:
        print_sensitivity(found, page)
    return found


def learn(
    data: Path, parameters: str, out: Path | None, size: Mapping[str, int], *, quiet: bool
) -> dict[str, Any]:
    """Fit records to data, write the evidence set where one is wanted, and print the fit.

    A page with the predictive check is written beside the set, and even where the sampler has not
    settled and there is no set.
    """
    names = [name.strip() for name in parameters.split(",") if name.strip()]
    if out:
        must_take(out.parent)
    found = fit(data, names, settings=Settings(**size))
    document = found.document()
    page = str(write_fit(document, out.with_suffix(".html"))) if out else None
    try:
        written = str(write_evidence_set(found, load_evidence(), out)) if out else None
    except InputError as error:  # the page is there all the same
        raise InputError(error.what, error.where, f"{error.cure} What there is: {page}") from None
    if not quiet:
        print_fit(document, written, page)
    return {**document, "written": written, "page": page}


def assess(path: str, people: int, *, quiet: bool) -> dict[str, Any]:
    """Return the credibility record of a study; with people, after its solver check."""
    study, solver = load_any(path), None
    if people:
        if isinstance(study, OverdoseStudy):
            resized(study, people=people)  # which refuses too few
        else:
            study.resized(people=people)
        with people_progress() as bar:
            solver = solver_check(study, people=people, on_progress=bar.follow)
    record = credibility(study, solver=solver)
    if not quiet:
        print_credibility(record)
    return record


def print_sensitivity(
    found: Mapping[str, Any], page: Path | None = None, *, to: Console | None = None
) -> None:
    """Print what :func:`speciosa.verdict.what_decides.what_decides` returned."""
    out = to or console()
    told = found["decides"]
    out.print(Text(found["question"], style="bold"))
    out.print(f"{told['label']}, {told['arm']} beside {told['versus']}: {told['word']}, by the "
              f"effect alone{_steady(told)}. {_measure(told)}")  # fmt: skip
    out.print(turn_words(found["flip"], told))
    _tornado(out, found)
    _shares(out, found)
    _numbers(out, told)
    out.print(identified_words(found))
    cost = found["cost"]
    worlds = ", ".join(f"{size} {part}" for part, size in cost.get("worlds", {}).items())
    out.print(Text(f"{cost['person_courses']:,} person-courses of {cost['days']} days, "
                   f"{cost['failed']} failed. Worlds: {worlds or 'not told'}; "
                   f"{cost.get('people', '–')} people in each.", style="dim"))  # fmt: skip
    _end(out)
    if page is not None:
        out.print(f"Page     {escape(str(page))}", soft_wrap=True)


def _steady(told: Mapping[str, Any]) -> str:
    share = told.get("steady", 1.0)
    return "" if share >= STEADY else f" (it stands at a threshold: {share:.0%} of halves agree)"


def _measure(told: Mapping[str, Any]) -> str:
    first = told["numbers"][0] if told["numbers"] else None
    if told["measure"]:
        unit = told["unit"] or "units"
        return (f"Most worth measuring: {told['measure']} (worth {number(told.get('worth', 0.0))} "
                f"{unit} a person; {told.get('turns', 0.0):.0%} likely to turn it).")  # fmt: skip
    if first and first["beyond_chance"]:
        return f"{first['record']} moves it most; knowing it would not change what one does."
    return "No single number stands out from chance."


def turn_words(flip: Mapping[str, Any] | None, told: Mapping[str, Any]) -> str:
    """Say in one or two sentences what is the smallest change that turns an answer."""
    if flip is None:
        return "No single number turns the answer within three standard deviations."
    unit = "" if flip["unit"] == "1" else f" {flip['unit']}"
    if abs(flip["standard_deviations"]) < CENTRE:
        text = (f"Smallest change that turns it: knowing that {flip['record']} stands at its "
                f"centre, {number(flip['from'])}{unit}: {flip['expected']}.")  # fmt: skip
    else:
        text = (f"Smallest change that turns it: {flip['record']} from {number(flip['from'])} to "
                f"{number(flip['to'])}{unit} ({number(flip['standard_deviations'])} sd): "
                f"{flip['expected']}.")  # fmt: skip
    if flip["confirmed"] is None:
        return f"{text} Not run."
    return (f"{text} Run so in {flip['worlds']} worlds: {flip['found']}, probability "
            f"{probability(flip['probability'])}"
            f"{'' if flip['confirmed'] else '; not confirmed'}.")  # fmt: skip


def identified_words(found: Mapping[str, Any]) -> str:
    """Say which of the numbers such a trial could tell apart."""
    known = found["identifiable"]
    if not known:
        return "Nothing was said about which numbers could be told apart."
    if not known["lost"]:
        return (f"Such a trial could tell all {known['rank']} screened numbers apart "
                f"(collinearity {number(known['collinearity'])}).")  # fmt: skip
    groups = "; ".join(" with ".join(group) for group in known["lost"])
    return (f"Such a trial could tell {known['rank']} of {len(known['names'])} screened numbers "
            f"apart; it does not see, or not apart: {groups}.")  # fmt: skip


def _tornado(out: Console, found: Mapping[str, Any]) -> None:
    rows = found.get("tornado") or []
    if not rows:
        return
    unit = f", {found['decides']['unit']}" if found["decides"]["unit"] else ""
    table = _table(f"Moved alone (effect with nothing moved: {number(found['middle'])}{unit})",
                   "5 %", "95 %", "effect there", "and there", "grade")  # fmt: skip
    for each in rows[:ROWS]:
        table.add_row(each["record"], number(each["at_low"]), number(each["at_high"]),
                      number(each["low"]), number(each["high"]), each["grade"])  # fmt: skip
    out.print(table)
    out.print(Text(f"{len(rows)} of {found['numbers']} sampled numbers do something; "
                   f"{found['idle']} move nobody's endpoint.", style="dim"))  # fmt: skip


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
            f"{number(one['size'])} ± {number(one['size_error'])}" if one else "–",
            number(one["spread"]) if one else "–",
            f"{other['first']:.2f} ± {other['first_error']:.2f}" if other else "–",
            f"{other['total']:.2f} ± {other['total_error']:.2f}" if other else "–",
        )
    out.print(table)


def _numbers(out: Console, told: Mapping[str, Any]) -> None:
    table = _table("As drawn: effect where the number is", "low", "high", "explains", "worth",
                   "turns it")  # fmt: skip
    for each in told["numbers"]:
        table.add_row(
            each["record"], number(each["low"]), number(each["high"]),
            f"{100 * each['share']:.0f} %" if each["beyond_chance"] else "within chance",
            number(each["worth"]),
            f"{each.get('turns', 0.0):.0%}" if each["beyond_chance"] else "–",
        )  # fmt: skip
    out.print(table)


def print_fit(
    fitted: Mapping[str, Any], written: str | None, page: str | None = None, *,
    to: Console | None = None,
) -> None:  # fmt: skip
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
    _profiles(out, fitted.get("profiles") or ())
    bins = [each for each in fitted["check"] if "hours" in each]
    if bins:
        seen = _table("Predictive check", "h", "observed (5–95 %)", "predicted (5–95 %)", "inside")
        for each in bins:
            seen.add_row(each["quantity"], number(each["hours"]), _interval(each["observed"]),
                         _interval(each["predicted"]), probability(each["inside"]))  # fmt: skip
        out.print(seen)
    if written:
        out.print(f"Wrote    {written}\nNext     name it in a study: [hypotheses] evidence_set = "
                  f'"{written}"', soft_wrap=True, markup=False)  # fmt: skip
    if page:
        out.print(f"Page     {page}", soft_wrap=True, markup=False)
    _end(out)


def _profiles(out: Console, profiles: Sequence[Mapping[str, Any]]) -> None:
    if not profiles:
        return
    table = _table("Profile likelihood, data alone", "95 % from", "to", "the data fix it")
    for each in profiles:
        low, high = (number(each[k]) if each[k] is not None else "open" for k in ("low", "high"))
        table.add_row(each["record"], low, high, "yes" if each["bounded"] else "no")
    out.print(table)


def _interval(points: Any) -> str:
    low, middle, high = points
    return str(with_interval({"estimate": middle, "low": low, "high": high}))


def print_credibility(record: Mapping[str, Any], *, to: Console | None = None) -> None:
    """Print the credibility record of a study, gaps last."""
    out = to or console()
    out.print(Text(f"{record['study']}: why, and how far, it may be believed", style="bold"))
    table, part = Table(box=None, pad_edge=False, show_header=False), ""
    table.add_column(style="bold", overflow="fold", ratio=1)
    table.add_column(overflow="fold", ratio=3)
    for row in record["assessment"]:
        if row["part"] != part:
            part = row["part"]
            table.add_row(Text(part, style="dim"), "")
        table.add_row(row["item"], row["text"] or "not stated")
    out.print(table)
    factors = Table(box=None, pad_edge=False, header_style="dim")
    factors.add_column("Factor", overflow="fold", ratio=3)
    factors.add_column("Shown", overflow="fold", ratio=4)
    factors.add_column("Asked", justify="center")
    factors.add_column("Enough", justify="center")
    for each in record["factors"]:
        factors.add_row(each["name"], f"({each['gradation']}) {each['shown']}",
                        f"({each['wanted']})", "yes" if each["enough"] else "no")  # fmt: skip
    out.print(factors)
    if record["solver"] and record["solver"].get("rows"):
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
