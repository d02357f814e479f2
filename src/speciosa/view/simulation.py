"""A quick look in a terminal: exposure, occupancy and symptoms of a cohort, within 100 columns."""

from __future__ import annotations

import math
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table
from rich.text import Text

from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.trial.exposure import Exposure, Quantiles
from speciosa.trial.simulate import Simulation
from speciosa.view.banners import Banner, banners_for
from speciosa.view.terminal import console
from speciosa.view.words import number, with_interval

MOLECULES = {
    "hydroxymitragynine": "7-hydroxymitragynine", "monoacetylmorphine": "6-monoacetylmorphine",
}  # fmt: skip
FELT = {
    "mu_occupancy": "Mu receptors held, %",
    "mt1_occupancy": "MT1 receptors held, %",
    "alpha2_relief": "Alpha-2 relief, %",
    "ventilation": "Breathing, % of rest",
    "ciwa": "CIWA-Ar, 0 to 67",
    "cows": "COWS, 0 to 48",
    "sows_gossop": "SOWS-Gossop, 0 to 30",
    "craving": "Craving, 0 to 10",
    "cyp3a_gut_activity": "CYP3A in the gut wall, %",
    "cyp3a_liver_activity": "CYP3A in the liver, %",
    "cyp2d6_activity": "CYP2D6, %",
    "cyp1a2_activity": "CYP1A2, %",
}
PEOPLE = {
    "healthy": "people who use no opioid",
    "opioid": "people who used an opioid daily",
    "alcohol": "people who drank heavily every day",
}


def print_simulation(look: Simulation, *, to: Console | None = None) -> None:
    """Print a quick look.

    Args:
        look: what :func:`speciosa.trial.simulate.simulate` returned.
        to: where to print; standard output where none is given.
    """
    out = to or console()
    out.print(Text(" + ".join(look.regimens), style="bold"))
    if look.added:
        out.print(Text(f"and, in a second run of the same people, with {' + '.join(look.added)}"))
    out.print(Text(
        f"{look.people} {PEOPLE[look.population]}, {look.days} d from 08:00, seed {look.seed}. "
        f"{look.asked} asked, {look.asked - look.failed} solved, {look.failed} failed."
    ))  # fmt: skip
    for banner in called_for(look):
        out.print(Text(banner.text, style="bold red"))
    _run(out, look, look.exposures, together=False)
    if look.added:
        out.print(Text("With what was added", style="bold"))
        _run(out, look, look.exposures_together, together=True)
        if look.exposures:
            out.print(_ratios(look))
    out.print(Text(
        "Median (5–95 % of people) at the central value of every number; what nobody knows is "
        "not shown here: a trial samples it.", style="dim",
    ))  # fmt: skip
    out.print(Text(_basis(look.grades), style="dim"))
    out.print(Text(f"{SIMULATED.capitalize()}. {INTENDED_USE}", style="dim"))
    out.print(Text("Next     speciosa evidence --grade E, for what is assumed"), soft_wrap=True)


def called_for(look: Simulation) -> tuple[Banner, ...]:
    """Return the banners that a quick look calls for.

    The last run carries everything that is given together.
    """
    given = [*look.regimens, *look.added]
    disorder = look.population if look.population != "healthy" else ""
    return banners_for({"study": {"disorder": disorder}, "arms": [{"regimens": given}]})


def molecule(analyte: str) -> str:
    """The name of a molecule as readers know it.

    >>> molecule("hydroxymitragynine_plasma"), molecule("melatonin_plasma")
    ('7-hydroxymitragynine', 'melatonin')
    """
    name = analyte.removesuffix("_plasma")
    return MOLECULES.get(name, name)


def shown(values: Quantiles) -> str:
    """A median with its interval; a dash where nobody has a value.

    >>> shown(Quantiles(1.234, 0.5, 2.0)), shown(Quantiles(math.nan, math.nan, math.nan))
    ('1.2 (0.5–2.0)', '–')
    """
    if not math.isfinite(values.median):
        return "–"
    ends = values.low, values.high
    if max(map(abs, ends)) >= 1000:
        return f"{number(values.median)} ({number(ends[0])}–{number(ends[1])})"
    entry = {"estimate": values.median, "low": ends[0], "high": ends[1]}
    return with_interval(entry).replace(" to ", "–")


def _run(
    out: Console, look: Simulation, exposures: Mapping[str, Exposure], *, together: bool
) -> None:
    if exposures:
        table = Table(box=None, pad_edge=False, header_style="dim")
        table.add_column("Plasma")
        for head in ("Cmax nM", "ng/mL", "Tmax h", "AUC nM h", "Half-life h"):
            table.add_column(head, justify="right")
        for name, one in exposures.items():
            peak = Quantiles.of(one.cmax)
            mass = number(peak.median * look.molar_masses[name] / 1000.0)
            rest = (Quantiles.of(v) for v in (one.tmax, one.auc, one.half_life))
            table.add_row(molecule(name), shown(peak), mass, *map(shown, rest))
        out.print(table)
    felt = Table(box=None, pad_edge=False, header_style="dim")
    felt.add_column("Inside and felt")
    for head in ("lowest", "mean", "highest"):
        felt.add_column(head.capitalize(), justify="right")
    for name, found in look.felt(together=together).items():
        times = 100.0 if _label(name).endswith(("%", "% of rest")) else 1.0
        values = (_times(found[key], times) for key in ("lowest", "mean", "highest"))
        felt.add_row(_label(name), *map(shown, values))
    if felt.row_count:
        out.print(felt)


def _label(quantity: str) -> str:
    if quantity.startswith("mu_occupancy_"):
        return f"  by {molecule(quantity.removeprefix('mu_occupancy_'))}, %"
    return FELT.get(quantity, quantity.replace("_", " "))


def _times(values: Quantiles, factor: float) -> Quantiles:
    return Quantiles(values.median * factor, values.low * factor, values.high * factor)


def _ratios(look: Simulation) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("With it over without")
    table.add_column("AUC ratio", justify="right")
    table.add_column("Cmax ratio", justify="right")
    for name, found in look.ratios().items():
        table.add_row(molecule(name), *(_ratio(found[key]) for key in ("auc", "cmax")))
    return table


def _ratio(values: Quantiles) -> str:
    if not math.isfinite(values.median):
        return "–"
    return f"{values.median:.2f} ({values.low:.2f}–{values.high:.2f})"


def _basis(grades: Mapping[str, int]) -> str:
    parts = [f"{grades[grade]} of grade {grade}" for grade in sorted(grades, reverse=True)]
    return f"Rests on {sum(grades.values())} numbers: {', '.join(parts)}."
