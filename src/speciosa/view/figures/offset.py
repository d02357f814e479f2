"""The verdict across the in-vitro-to-in-vivo offset, the number that can set the headline."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

from speciosa.view.figures.figure import Figure
from speciosa.view.theme import GRID, INK, MUTED, ArmStyle, axis, layout, note
from speciosa.view.words import number, with_interval, worlds


def offset(claim: Mapping[str, Any], arm: ArmStyle) -> Figure:
    """Draw the effect of one claim in each range of the offset, with the verdict above it."""
    effect = claim["effect"]
    bins = [each for each in claim["by_offset"] if each["draws"]]
    lower = effect["better"] == "lower"
    matter = effect["smallest_meaningful"]
    line = -matter if lower else matter
    data, notes, shapes = [], [], []
    values = [0.0, line]
    for index, each in enumerate(bins):
        centre = math.sqrt(each["low"] * each["high"])
        values += [each["low_effect"], each["high_effect"]]
        entry = {
            "estimate": each["estimate"],
            "low": each["low_effect"],
            "high": each["high_effect"],
        }
        seen = worlds(each["probability"], each["draws"])
        data += _mark(centre, entry, arm, f"{with_interval(entry)} {effect['unit']}<br>{seen}")
        word = "<br>".join(textwrap.wrap(each["verdict"], 11))
        notes.append(note(
            f"<b>{word}</b><br>{seen}", math.log10(centre), 1, xref="x", yanchor="bottom",
            yshift=14, font={"size": 11, "color": INK},
        ))  # fmt: skip
        if index % 2 == 0:
            shapes.append({
                "type": "rect", "xref": "x", "yref": "paper", "x0": each["low"],
                "x1": each["high"], "y0": 0, "y1": 1, "fillcolor": GRID, "opacity": 0.35,
                "line": {"width": 0}, "layer": "below",
            })  # fmt: skip
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    room = 0.08 * (high - low or 1)
    low, high = low - room, high + room
    shapes += [_level(0, "solid", MUTED), _level(line, "dash", INK)]
    notes.append(note("better ↑", 0.005, 1, xanchor="left", yanchor="top"))
    notes.append(note(
        "smallest difference that people notice", 0.995, line, yref="y", xanchor="right",
        yanchor="bottom", font={"size": 10, "color": INK},
    ))  # fmt: skip
    ends = [bins[0]["low"], bins[-1]["high"]] if bins else [0.3, 10.0]
    ticks = [each["low"] for each in bins] + ends[1:]
    drawn = layout(
        380,
        notes=notes,
        shapes=shapes,
        xaxis=axis(
            "In-vitro-to-in-vivo offset (times)", type="log", showgrid=False,
            range=[math.log10(end) for end in ends], tickvals=ticks,
            ticktext=[number(tick) for tick in ticks],
        ),
        yaxis=axis(f"Difference ({effect['unit']})", nticks=6,
                   range=[high, low] if lower else [low, high]),
        margin={"l": 56, "r": 14, "t": 84, "b": 48},
        hovermode="closest",
    )  # fmt: skip
    words = "Effect, probability and verdict in each range of the offset."
    return Figure(f"offset-{claim['id']}", "The verdict across the offset", data, drawn, words)


def _mark(x: float, entry: Mapping[str, Any], arm: ArmStyle, hover: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "scatter", "mode": "lines", "x": [x, x], "y": [entry["low"], entry["high"]],
            "line": {"color": arm.colour, "width": 3}, "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "markers", "x": [x], "y": [entry["estimate"]],
            "marker": {"color": arm.colour, "size": 12, "symbol": arm.symbol},
            "hovertemplate": f"{hover}<extra></extra>",
        },
    ]  # fmt: skip


def _level(y: float, dash: str, colour: str) -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": y, "y1": y,
        "line": {"color": colour, "width": 1, "dash": dash}, "layer": "below",
    }  # fmt: skip
