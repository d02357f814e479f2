"""What moves an effect: each number alone, after Morris, and as shares of its variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from speciosa.view.figures.figure import Figure
from speciosa.view.theme import INK, MUTED, PAPER, ROLE_COLOURS, axis, faded, layout, note

ROW = 38
MOST = 15  # numbers drawn
BLUE, GREEN = ROLE_COLOURS["both"], ROLE_COLOURS["kratom"]


def alone_tornado(document: Mapping[str, Any]) -> Figure:
    """Draw the effect with each number at its 5 and 95 % points, everything else held.

    Args:
        document: what :func:`speciosa.verdict.what_decides.what_decides` returned.
    """
    told, rows = document["decides"], document["tornado"][:MOST]
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for place, each in enumerate(reversed(rows)):
        data.append(_bar([each["low"], each["high"]], place))
        for end, symbol in (("low", "circle-open"), ("high", "circle")):
            hover = f"{each['record']} at {each[f'at_{end}']:.3g}: %{{x:.3g}}<extra></extra>"
            data.append(_mark(each[end], place, symbol, hover))
        span = f"{each['at_low']:.3g} to {each['at_high']:.3g}"
        unit = "" if each["unit"] == "1" else f" {each['unit']}"
        notes += _words(each["record"], f"{span}{unit}", place)
    matter = told["smallest_meaningful"] * (-1 if told["better"] == "lower" else 1)
    values = [each[end] for each in rows for end in ("low", "high")]
    values += [document["middle"], matter]
    marks = [(document["middle"], "solid"), (matter, "dash")]
    unit = "" if told["unit"] in ("", "1") else f", {told['unit']}"
    title = f"Mean effect{unit}; open: number at its 5 % point, filled: at its 95 % point"
    drawn = _rows_layout(len(rows), title, values, notes, marks)
    return Figure(
        "alone", "Each number moved alone", data, drawn,
        "Mean effect with each number alone at its 5 and its 95 % point, on the same people.",
    )  # fmt: skip


def shares(document: Mapping[str, Any]) -> Figure:
    """Draw first-order and total Sobol indices with their bootstrap intervals."""
    rows = document["sobol"]
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for place, each in enumerate(reversed(rows)):
        for key, symbol, lift in (("first", "circle-open", 0.1), ("total", "circle", -0.1)):
            value, error = each[key], each[f"{key}_error"]
            data.append(_bar([value - error, value + error], place + lift, 2))
            hover = f"{each['name']}, {key}: %{{x:.2f}} ± {error:.2f}<extra></extra>"
            data.append(_mark(value, place + lift, symbol, hover))
        told = f"alone {each['first']:.2f}, with others {each['total']:.2f}"
        notes += _words(each["name"], told, place)
    ends = [each[k] + s * each[f"{k}_error"] for each in rows for k in ("first", "total")
            for s in (-1, 1)]  # fmt: skip
    title = "Share of the variance (95 % bootstrap); open: alone, filled: with others"
    drawn = _rows_layout(len(rows), title, [*ends, 0.0, 1.0], notes, [(0.0, "solid")])
    words = "Sobol indices of the strongest numbers and of the people who take part."
    return Figure("sobol", "Shares of the variance", data, drawn, words)


def screening(document: Mapping[str, Any]) -> Figure:
    """Draw Morris's elementary effects: how large on average, and how much they vary."""
    rows = document["morris"]
    data = [
        {
            "type": "scatter", "mode": "markers", "x": [each["size"]], "y": [each["spread"]],
            "error_x": {"array": [each["size_error"]], "color": MUTED, "thickness": 1},
            "marker": {"color": BLUE, "size": 9, "symbol": "diamond"},
            "hovertemplate": f"{each['name']}: %{{x:.3g}}, spread %{{y:.3g}}<extra></extra>",
        }
        for each in rows
    ]  # fmt: skip
    notes = [
        note(each["name"], each["size"], each["spread"], xref="x", yref="y", yanchor="bottom",
             yshift=6, font={"size": 10, "color": INK})
        for each in rows[:4]
    ]  # fmt: skip
    unit = document["decides"]["unit"]
    drawn = layout(
        320, notes=notes, hovermode="closest",
        xaxis=axis(f"Mean size of an elementary effect{f', {unit}' if unit else ''} (95 %)",
                   rangemode="tozero"),
        yaxis=axis("Spread: interaction or bend", rangemode="tozero"),
        margin={"l": 56, "r": 24, "t": 22, "b": 46},
    )  # fmt: skip
    words = "Morris screening; numbers at the upper right act together with others."
    return Figure("morris", "Screening after Morris", data, drawn, words)


def _bar(ends: Sequence[float], place: float, width: int = 6) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": list(ends), "y": [place, place],
        "hoverinfo": "skip", "line": {"color": faded(BLUE, 0.5), "width": width},
    }  # fmt: skip


def _mark(x: float, place: float, symbol: str, hover: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "markers", "x": [x], "y": [place], "hovertemplate": hover,
        "marker": {"color": BLUE, "size": 9, "symbol": symbol, "line": {"width": 2}},
    }  # fmt: skip


def _words(left: str, right: str, place: float) -> list[dict[str, Any]]:
    more = {"yref": "y", "yanchor": "bottom", "bgcolor": PAPER, "borderpad": 1,
            "font": {"size": 12, "color": INK}}  # fmt: skip
    return [
        note(left, 0, place + 0.2, xanchor="left", **more),
        note(right, 1, place + 0.2, xanchor="right", **more),
    ]


def _rows_layout(
    rows: int, title: str, values: Sequence[float], notes: list[dict[str, Any]],
    marks: Sequence[tuple[float, str]],
) -> dict[str, Any]:  # fmt: skip
    low, high = min(values), max(values)
    room = 0.08 * (high - low or 1.0)
    return layout(
        86 + ROW * rows,
        notes=notes,
        shapes=[
            {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1,
             "line": {"color": INK, "width": 1, "dash": dash}, "layer": "below"}
            for x, dash in marks
        ],
        xaxis=axis(title, nticks=6, range=[low - room, high + room]),
        yaxis={"visible": False, "range": [-0.6, rows - 0.2], "fixedrange": True},
        margin={"l": 12, "r": 12, "t": 20, "b": 46}, hovermode="closest",
    )  # fmt: skip
