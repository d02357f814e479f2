"""Courses over time: all arms together, then each arm alone with its two bands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from speciosa.view.figures.figure import Figure
from speciosa.view.theme import GRID, MUTED, PAPER, ArmStyle, axis, faded, layout, note

SHORT = 4.0  # days; a shorter course gets hours on its axis and shaded nights
_NIGHT = (22.0, 30.0)  # clock hours, the second past midnight
_START_CLOCK = 8.0  # the clock hour of time zero
_INSIDE = ("plasma", "brain", "occupancy", "signal", "effect", "unbound", "activity", "blockade")


@dataclass(frozen=True)
class Course:
    """The figures of one quantity and its numbers as a table."""

    quantity: str
    label: str
    unit: str
    overview: Figure
    panels: tuple[Figure, ...]
    table: tuple[tuple[str, ...], ...]


def inside_body(quantity: str) -> bool:
    """Whether a quantity is a concentration or a receptor state rather than something felt.

    >>> inside_body("mitragynine_plasma"), inside_body("craving")
    (True, False)
    """
    return any(part in _INSIDE for part in quantity.split("_"))


def course(quantity: str, entry: Mapping[str, Any], arms: Mapping[str, ArmStyle]) -> Course:
    """Draw one quantity of the document's ``courses``."""
    days = [float(day) for day in entry["days"]]
    top = _top(entry)
    shown = [arms[arm] for arm in entry["arms"] if arm in arms]
    return Course(
        quantity,
        entry["label"],
        entry["unit"],
        _overview(quantity, entry, days, shown, top),
        tuple(_panel(quantity, entry, days, arm, shown, top) for arm in shown),
        _table(entry, days, shown),
    )


def _top(entry: Mapping[str, Any]) -> tuple[float, float]:
    """One scale for every arm: from zero (or below) to the top of the people band."""
    keys = ("median", "people_low", "people_high", "parameters_low", "parameters_high")
    values = [
        value
        for arm in entry["arms"].values()
        for key in keys
        for value in arm.get(key) or ()
        if value is not None
    ]
    high, low = max(values, default=1.0), min(values, default=0.0)
    return min(0.0, low * 1.05), (high * 1.06 or 1.0)


def time_axis(days: Sequence[float], title: bool = True) -> dict[str, Any]:
    """Return the axis of days, of clock hours where the course is short."""
    if days[-1] - days[0] <= SHORT:
        hours = [6 * k for k in range(int(days[-1] * 4) + 1)]
        ticks = [hour / 24 for hour in hours]
        text = [f"{(hour + _START_CLOCK) % 24:02.0f}:00" for hour in hours]
        return axis(
            "Clock hour" if title else "", range=[days[0], days[-1]], tickvals=ticks, ticktext=text
        )
    step = 7 if days[-1] > 10 else 1
    ticks = [float(day) for day in range(0, int(days[-1]) + 1, step)]
    return axis("Day" if title else "", range=[days[0], days[-1]], tickvals=ticks, showgrid=False)


def nights(days: Sequence[float]) -> list[dict[str, Any]]:
    """Return the shaded nights of a short course."""
    if days[-1] - days[0] > SHORT:
        return []
    shapes = []
    for day in range(int(days[-1]) + 1):
        start, end = (day + (clock - _START_CLOCK) / 24 for clock in _NIGHT)
        if start < days[-1]:
            shapes.append({
                "type": "rect", "xref": "x", "yref": "paper", "x0": start,
                "x1": min(end, days[-1]), "y0": 0, "y1": 1, "fillcolor": GRID, "opacity": 0.45,
                "line": {"width": 0}, "layer": "below",
            })  # fmt: skip
    return shapes


def severity(
    entry: Mapping[str, Any], scale: tuple[float, float], named: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Faint lines where a severity band begins, with its name."""
    shapes, names = [], []
    for band in entry.get("bands") or ():
        if not scale[0] < band["low"] < scale[1]:
            continue
        shapes.append({
            "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": band["low"],
            "y1": band["low"], "line": {"color": GRID, "width": 1, "dash": "dot"}, "layer": "below",
        })  # fmt: skip
        if named:
            names.append(note(
                band["name"], 0.995, band["low"], yref="y", xanchor="right", yanchor="bottom",
                font={"size": 10, "color": MUTED},
            ))  # fmt: skip
    return shapes, names


def band(
    days: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str
) -> dict[str, Any]:
    """Return the trace of a band."""
    return {
        "type": "scatter", "mode": "lines", "x": [*days, *reversed(days)],
        "y": [*high, *reversed(low)], "fill": "toself", "fillcolor": colour,
        "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip


def median(
    entry: Mapping[str, Any], days: Sequence[float], arm: ArmStyle, width: float = 2
) -> dict[str, Any]:
    """Return the trace of an arm's median, which tells the people's band on hover."""
    values = entry["arms"][arm.id]
    band = [
        f"{low:.3g} to {high:.3g}" if low is not None and high is not None else ""
        for low, high in zip(values["people_low"], values["people_high"], strict=True)
    ]
    unit = "" if entry["unit"] in ("", "1") else f" {entry['unit']}"
    return {
        "type": "scatter", "mode": "lines", "x": list(days), "y": values["median"],
        "customdata": band, "name": arm.label, "connectgaps": False,
        "line": {"color": arm.colour, "width": width, "dash": arm.dash},
        "hovertemplate": f"{arm.label}: %{{y:.3g}}{unit} (people %{{customdata}})<extra></extra>",
    }  # fmt: skip


def spread_labels(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move labels apart just enough that none overlaps, inside the axis.

    >>> spread_labels([1.0, 1.1, 5.0], 1.0, 0.0, 6.0)
    [1.0, 2.0, 5.0]
    """
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    placed = [0.0] * len(wanted)
    floor = low
    for place in order:
        placed[place] = max(wanted[place], floor)
        floor = placed[place] + gap
    ceiling = high
    for place in reversed(order):
        placed[place] = min(placed[place], ceiling)
        ceiling = placed[place] - gap
    return placed


def _last(values: Sequence[float | None]) -> float | None:
    return next((value for value in reversed(values) if value is not None), None)


def direct_labels(
    ends: Sequence[tuple[ArmStyle, float]], scale: tuple[float, float], height: int
) -> list[dict[str, Any]]:
    """Name each line at its right end."""
    gap = 15 * (scale[1] - scale[0]) / max(height - 62, 1)
    places = spread_labels([end for _, end in ends], gap, scale[0], scale[1])
    return [
        note(
            f'<span style="color:{arm.colour}">●</span> {arm.label}', 1.01, place, yref="y",
            xanchor="left", yanchor="middle", font={"size": 12, "color": "@ink"},
        )
        for (arm, _), place in zip(ends, places, strict=True)
    ]  # fmt: skip


def label_room(arms: Sequence[ArmStyle]) -> int:
    """Pixels the longest direct label needs."""
    return 32 + int(7.6 * max((len(arm.label) for arm in arms), default=0))


def _overview(
    quantity: str,
    entry: Mapping[str, Any],
    days: Sequence[float],
    arms: Sequence[ArmStyle],
    scale: tuple[float, float],
) -> Figure:
    height = 320
    data = []
    for arm in arms:
        values = entry["arms"][arm.id]
        low, high = values["parameters_low"], values["parameters_high"]
        data.append(band(days, low, high, faded(arm.colour, 0.09)))
    data += [median(entry, days, arm) for arm in arms]
    last = [(arm, _last(entry["arms"][arm.id]["median"])) for arm in arms]
    ends = [(arm, end) for arm, end in last if end is not None]
    tight = _tight(entry, arms)
    shapes, names = severity(entry, tight, named=True)
    unit = "" if entry["unit"] in ("", "1") else f" ({entry['unit']})"
    drawn = layout(
        height,
        notes=[*names, *direct_labels(ends, tight, height)],
        shapes=[*shapes, *nights(days)],
        xaxis=time_axis(days),
        yaxis=axis(f"{entry['label']}{unit}", range=list(tight), nticks=6),
        hovermode="x unified",
        margin={"l": 52, "r": label_room(arms), "t": 22, "b": 42},
    )
    words = f"{entry['label']} over time, medians of {len(arms)} arms with parameter bands."
    return Figure(f"course-{quantity}", f"{entry['label']}, all arms", data, drawn, words)


def _tight(entry: Mapping[str, Any], arms: Sequence[ArmStyle]) -> tuple[float, float]:
    """The overview's scale: medians and parameter bands of every arm, from zero."""
    cut = {arm.id: {**entry["arms"][arm.id], "people_low": (), "people_high": ()} for arm in arms}
    return _top({"arms": cut})


def _panel(
    quantity: str,
    entry: Mapping[str, Any],
    days: Sequence[float],
    arm: ArmStyle,
    arms: Sequence[ArmStyle],
    scale: tuple[float, float],
) -> Figure:
    values = entry["arms"][arm.id]
    data = [
        band(days, values["people_low"], values["people_high"], faded(arm.colour, 0.16)),
        band(days, values["parameters_low"], values["parameters_high"], faded(arm.colour, 0.42)),
    ]
    control = next((other for other in arms if other.role == "placebo"), None)
    if control is not None and control.id != arm.id:
        data.append({**median(entry, days, control, width=1), "hoverinfo": "skip",
                     "hovertemplate": None})  # fmt: skip
    data.append(median(entry, days, arm))
    shapes, _ = severity(entry, scale, named=False)
    drawn = layout(
        150,
        shapes=[*shapes, *nights(days)],
        xaxis=time_axis(days, title=False),
        yaxis=axis("", range=list(scale), nticks=4),
        hovermode="x",
        margin={"l": 34, "r": 8, "t": 16, "b": 24},
    )
    words = f"{entry['label']} in the arm {arm.label}: median, people band, parameter band."
    return Figure(f"panel-{quantity}-{arm.id}", arm.label, data, drawn, words,
                  {"colour": arm.colour, "paper": PAPER})  # fmt: skip


def _table(
    entry: Mapping[str, Any], days: Sequence[float], arms: Sequence[ArmStyle]
) -> tuple[tuple[str, ...], ...]:
    """Rows of a table: one per arm, at up to six days."""
    from speciosa.view.words import interval, number

    step = max(1, (len(days) - 1) // 5)
    places = list(range(0, len(days), step))
    rows = [("Arm", *(f"Day {number(days[place])}" for place in places))]
    for arm in arms:
        values = entry["arms"][arm.id]
        rows.append((
            arm.label,
            *(
                f"{number(values['median'][place])} "
                f"({interval(values['people_low'][place], values['people_high'][place])})"
                for place in places
            ),
        ))  # fmt: skip
    return tuple(rows)
