"""Effects and harms, one row per arm, benefits and harms drawn at equal size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from speciosa.view.figures.figure import Figure
from speciosa.view.theme import HARM, INK, MUTED, PAPER, ArmStyle, axis, faded, layout, note
from speciosa.view.words import decimals_for, mid, unit_words, with_interval, worlds

ROW = 44
_TOP, _BOTTOM = 40, 46


def _reach(rows: Sequence[Mapping[str, Any]], *more: float) -> tuple[float, float]:
    values = [row[key] for row in rows for key in ("estimate", "low", "high")]
    known = [value for value in [*values, *more] if value is not None]
    low, high = min(known, default=-1.0), max(known, default=1.0)
    room = 0.06 * (high - low or 1.0)
    return low - room, high + room


def _decimals(rows: Sequence[Mapping[str, Any]]) -> int:
    """Decimals for a whole column, from its largest number."""
    values = [row[key] for row in rows for key in ("estimate", "low", "high")]
    return decimals_for(*[value for value in values if value is not None] or [0.0])


def _unit(unit: str) -> str:
    return "" if unit in ("", "1") else f", {unit}"


def _line(x: float, dash: str, colour: str, width: float = 1) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1,
        "line": {"color": colour, "width": width, "dash": dash}, "layer": "below",
    }  # fmt: skip


def _row(
    place: float, entry: Mapping[str, Any], arm: ArmStyle, colour: str, hover: str
) -> list[dict[str, Any]]:
    """An interval and its estimate."""
    return [
        {
            "type": "scatter", "mode": "lines", "x": [entry["low"], entry["high"]],
            "y": [place, place], "line": {"color": colour, "width": 3, "dash": arm.dash},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "markers", "x": [entry["estimate"]], "y": [place],
            "marker": {"color": colour, "size": 11, "symbol": arm.symbol,
                       "line": {"color": colour, "width": 2}},
            "hovertemplate": f"{hover}<extra></extra>",
        },
    ]  # fmt: skip


def _words(place: float, left: str, right: str) -> list[dict[str, Any]]:
    """The row's name and numbers, written above its mark so that a narrow page has room."""
    return [
        note(left, 0, place + 0.2, yref="y", xanchor="left", yanchor="bottom",
             font={"size": 13, "color": INK}, bgcolor=PAPER, borderpad=1),
        note(right, 1, place + 0.2, yref="y", xanchor="right", yanchor="bottom",
             font={"size": 12, "color": INK}, bgcolor=PAPER, borderpad=1),
    ]  # fmt: skip


def benefit(rows: Sequence[Mapping[str, Any]], arms: Mapping[str, ArmStyle], draws: int) -> Figure:
    """Draw the effect of every arm on one endpoint; better is always to the right.

    Args:
        rows: the document's ``effects`` on one endpoint.
        arms: how arms look.
        draws: number of simulated worlds.
    """
    first = rows[0]
    matter = first["smallest_meaningful"]
    lower = first["better"] == "lower"
    better, data, notes = (-matter if lower else matter), [], []
    decimals = _decimals(rows)
    for place, entry in enumerate(reversed(rows)):
        arm = arms[entry["arm"]]
        seen = worlds(entry["probability"], entry.get("draws") or draws)
        size = with_interval(entry, decimals)
        hover = f"{arm.label}: {size} {entry['unit']}<br>better by enough: {seen}"
        data += _row(place, entry, arm, arm.colour, hover)
        notes += _words(place, arm.label, f"{size} · {seen}")
    low, high = _reach(rows, 0.0, matter, -matter)
    notes += [
        note("better →", 1, 0, xanchor="right", yanchor="bottom", yshift=2),
        note("← worse", 0, 0, xanchor="left", yanchor="bottom", yshift=2),
    ]
    versus = mid(arms[first["versus"]].label) if first["versus"] in arms else first["versus"]
    drawn = layout(
        _TOP + _BOTTOM + ROW * len(rows),
        notes=notes,
        shapes=[_line(0, "solid", MUTED), _line(better, "dash", INK)],
        xaxis=axis(
            f"Difference from {versus}{_unit(first['unit'])}",
            range=[high, low] if lower else [low, high], nticks=7,
        ),
        yaxis={"visible": False, "range": [-0.75, len(rows) - 0.25], "fixedrange": True},
        margin={"l": 12, "r": 12, "t": 20, "b": _BOTTOM},
        hovermode="closest",
    )  # fmt: skip
    words = f"Effect of each arm on {mid(first['label'])} versus {versus}, with 5-95 % ranges."
    name = f"effect-{first['endpoint']}-{first['versus']}"
    return Figure(name, first["label"], data, drawn, words,
                  {"matter": unit_words(matter, first["unit"])})  # fmt: skip


def harm(rows: Sequence[Mapping[str, Any]], arms: Mapping[str, ArmStyle]) -> Figure:
    """Draw the level of one harm in every arm, at the size of a benefit; placebo is a line."""
    first = rows[0]
    data, notes, decimals = [], [], _decimals(rows)
    for place, entry in enumerate(reversed(rows)):
        arm = arms[entry["arm"]]
        size = with_interval(entry, decimals)
        hover = f"{arm.label}: {size} {entry['unit']}"
        data += _row(place, entry, arm, HARM, hover)
        notes += _words(place, arm.label, size)
    placebo = first.get("placebo_estimate")
    marks = [placebo] if placebo is not None else []
    low, high = _reach(rows, *marks)
    if first.get("better") != "higher":
        low = min(0.0, low) if min(row["low"] or 0 for row in rows) <= 0.25 * high else low
    shapes = [_line(mark, "dash", MUTED) for mark in marks]
    drawn = layout(
        _TOP + _BOTTOM + ROW * len(rows),
        notes=notes,
        shapes=shapes,
        xaxis=axis(f"Level{_unit(first['unit'])}; dashed line: placebo",
                   range=[low, high], nticks=6),
        yaxis={"visible": False, "range": [-0.75, len(rows) - 0.25], "fixedrange": True},
        margin={"l": 12, "r": 12, "t": 20, "b": _BOTTOM},
        hovermode="closest",
    )  # fmt: skip
    words = f"{first['label']} in each arm, with 5-95 % ranges; the dashed line is placebo."
    return Figure(f"harm-{first['endpoint']}", first["label"], data, drawn, words,
                  {"tint": faded(HARM, 0.1)})  # fmt: skip
