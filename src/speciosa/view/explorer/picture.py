"""The chain as a picture: its stages, and the course of every quantity that shows them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from speciosa.view.explorer.course import LINES, STEPS, Courses, picture_file
from speciosa.view.figures.courses import band, median, nights, severity, time_axis
from speciosa.view.figures.figure import Figure
from speciosa.view.theme import ArmStyle, axis, faded, layout
from speciosa.view.words import interval, number


@dataclass(frozen=True)
class Stage:
    """One stage of the chain.

    Args:
        id: of the stage.
        title: words for a reader.
        says: what happens here, in one sentence.
        quantities: what shows it, the telling one first.
        records: topics of the records that it rests on.
        beginnings, endings: of the names of more quantities.
    """

    id: str
    title: str
    says: str
    quantities: tuple[str, ...]
    records: tuple[str, ...]
    beginnings: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()

    def shows(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names that belong to this stage, the telling one first."""
        there = list(names)
        named = [name for name in self.quantities if name in there]
        more = [
            name
            for name in there
            if name not in named
            and (name.startswith(self.beginnings or ("\0",)) or name.endswith(self.endings or "\0"))
        ]
        return (*named, *sorted(more))


@cache
def stages() -> tuple[Stage, ...]:
    """Return the stages in the order in which they act.

    >>> [stage.id for stage in stages()][:3]
    ['dose', 'exposure', 'receptor']
    """
    found: list[Stage] = []
    for table in picture_file()["stage"]:
        given: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in table.items()
        }
        found.append(Stage(**given))
    return tuple(found)


def figure(
    quantity: str, step: str, entry: Mapping[str, Any], look: Mapping[str, ArmStyle]
) -> Figure:
    """Draw a quantity by arm: medians, people and parameters apart, each to be shown or hidden."""
    days = [float(day) for day in entry["days"]]
    shown = [(look[arm], entry["arms"][arm]) for arm in entry["arms"] if arm in look]
    data = []
    for arm, values in shown:
        for kind, alpha in (("people", 0.06), ("parameters", 0.16)):
            low, high = values[f"{kind}_low"], values[f"{kind}_high"]
            if low is not None:
                drawn = band(days, low, high, faded(arm.colour, alpha))
                data.append({**drawn, "meta": {"kind": kind, "arm": arm.id}})
    for arm, values in shown:
        data.append({**_line(entry, days, arm, values), "meta": {"kind": "median", "arm": arm.id}})
    unit = "" if entry["unit"] in ("", "1") else f" ({entry['unit']})"
    top = _top(entry)
    marks, names = severity(entry, top, named=True)
    drawn_layout = layout(
        330,
        notes=names,
        shapes=[*marks, *nights(days)],
        xaxis={**time_axis(days), **_ticks(step, days), "fixedrange": False},
        yaxis={**axis(f"{entry['label']}{unit}", range=list(top), nticks=6)},
        hovermode="x unified",
        dragmode="zoom",
        margin={"l": 60, "r": 12, "t": 22, "b": 42},
    )
    words = f"{entry['label']} over time by arm: medians with bands of people and of parameters."
    return Figure(f"stage-{quantity}-{step}", entry["label"], data, drawn_layout, words,
                  {"step": step, "table": _rows(entry, shown)})  # fmt: skip


def _rows(
    entry: Mapping[str, Any], shown: Sequence[tuple[ArmStyle, Mapping[str, Any]]]
) -> list[tuple[str, ...]]:
    """Return the same course as rows of a table: one per arm, at up to six times."""
    days = entry["days"]
    places = list(range(0, len(days), max(1, (len(days) - 1) // 5)))
    head = [f"Day {number(days[place])}" for place in places]
    rows = [("Arm", *head)]
    for arm, values in shown:
        low, high = values["people_low"], values["people_high"]
        cells = [
            number(values["median"][place])
            + (f" ({interval(low[place], high[place])})" if low is not None else "")
            for place in places
        ]
        rows.append((arm.label, *cells))
    return rows


def _ticks(step: str, days: Sequence[float]) -> dict[str, Any]:
    """Clock hours twice a day, so that a narrow chart has room for them."""
    if step != "three_hours":
        return {}
    halves = [day / 2 for day in range(2 * int(days[0]), int(2 * days[-1]) + 1)]
    words = ["08:00" if half == int(half) else "20:00" for half in halves]
    return {"tickvals": halves, "ticktext": words, "tickangle": 0}


def _line(
    entry: Mapping[str, Any], days: Sequence[float], arm: ArmStyle, values: Mapping[str, Any]
) -> dict[str, Any]:
    if values["parameters_low"] is not None and values["people_low"] is None:
        values = {**values, "people_low": values["median"], "people_high": values["median"]}
    if values["people_low"] is not None:
        line = median({**entry, "arms": {arm.id: values}}, days, arm)
        doubt = [
            f"{low:.3g} to {high:.3g}" if low is not None and high is not None else "–"
            for low, high in zip(values["parameters_low"], values["parameters_high"], strict=True)
        ]
        both = [list(pair) for pair in zip(line["customdata"], doubt, strict=True)]
        unit = "" if entry["unit"] in ("", "1") else f" {entry['unit']}"
        people = f"{arm.label}: %{{y:.3g}}{unit} (people %{{customdata[0]}}; "
        words = f"{people}parameters %{{customdata[1]}})<extra></extra>"
        return {**line, "customdata": both, "hovertemplate": words}
    return {
        "type": "scatter", "mode": "lines", "x": list(days), "y": values["median"],
        "name": arm.label,
        "line": {"color": arm.colour, "width": 2, "dash": arm.dash, "shape": "hvh"},
        "hovertemplate": f"{arm.label}: %{{y:.3g}} {entry['unit']}<extra></extra>",
    }  # fmt: skip


def _top(entry: Mapping[str, Any]) -> tuple[float, float]:
    values = [
        value
        for arm in entry["arms"].values()
        for name in LINES
        for value in arm[name] or ()
        if value is not None
    ]
    low, high = min(values, default=0.0), max(values, default=1.0)
    return min(0.0, low * 1.05), high * 1.06 or 1.0


@dataclass(frozen=True)
class Card:
    """A stage with what a run shows of it.

    Args:
        stage: the stage.
        figures: its figures.
        spark: a small drawing of its telling course, as SVG points by arm.
        rows: quantity, step -> rows of a table.
        records: ids of the records it rests on, with their grade.
    """

    stage: Stage
    figures: tuple[Figure, ...] = ()
    spark: tuple[tuple[ArmStyle, str], ...] = ()
    label: str = ""
    records: tuple[Mapping[str, Any], ...] = ()


def cards(
    made: Courses,
    doses_given: Mapping[str, Any],
    look: Mapping[str, ArmStyle],
    records: Sequence[Mapping[str, Any]],
) -> tuple[Card, ...]:
    """Return every stage with its figures, its small course and its records."""
    found = []
    for stage in stages():
        there = tuple(doses_given) if stage.id == "dose" else stage.shows(made["day"])
        entries = doses_given if stage.id == "dose" else made["day"]
        drawn = []
        for name in there:
            steps = ("day",) if stage.id == "dose" else tuple(s for s in STEPS if name in made[s])
            for step in steps:
                entry = entries[name] if step == "day" else made[step][name]
                drawn.append(figure(name, step, entry, look))
        telling = _telling(stage, there, entries, made)
        found.append(Card(
            stage,
            tuple(drawn),
            _spark(telling, look) if telling else (),
            telling["label"] if telling else "",
            tuple(each for each in records if each["stage"] in stage.records),
        ))  # fmt: skip
    return tuple(found)


def _telling(
    stage: Stage, there: Sequence[str], entries: Mapping[str, Any], made: Courses
) -> Mapping[str, Any] | None:
    if not there:
        return None
    fine = made["three_hours"].get(there[0]) if stage.id == "exposure" else None
    return fine or entries[there[0]]


def _spark(
    entry: Mapping[str, Any], look: Mapping[str, ArmStyle], width: float = 100, height: float = 36
) -> tuple[tuple[ArmStyle, str], ...]:
    """Return the points of a small line per arm, in a box of ``width`` by ``height``."""
    lines = {a: v["median"] for a, v in entry["arms"].items() if a in look and v["median"]}
    values = [y for line in lines.values() for y in line if y is not None]
    if not values:
        return ()
    low, high = min(0.0, *values), max(values)
    reach = (high - low) or 1.0
    drawn = []
    for arm, line in lines.items():
        step = width / max(len(line) - 1, 1)
        points = " ".join(
            f"{place * step:.1f},{height - 2 - (height - 4) * (y - low) / reach:.1f}"
            for place, y in enumerate(line)
            if y is not None
        )
        drawn.append((look[arm], points))
    return tuple(drawn)


def abstinence(drawn: Figure) -> Figure:
    """Return a survival figure under the name and axis of abstinence."""
    from speciosa.view.theme import MUTED

    title = {"text": "No use, still in treatment (%)", "font": {"size": 12, "color": MUTED}}
    yaxis = {**drawn.layout["yaxis"], "title": title}
    return replace(
        drawn, id="abstinence", title="No use and still in treatment",
        layout={**drawn.layout, "yaxis": yaxis},
        description="Share that has neither used nor left, by day.",
    )  # fmt: skip
