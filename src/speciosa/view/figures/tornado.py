"""The tornado: where the effect stands when one number is low, and when it is high."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speciosa.view.figures.figure import Figure
from speciosa.view.theme import INK, MUTED, PAPER, ArmStyle, axis, layout, note

ROW = 38
MOST = 8  # numbers drawn


def tornado(claim: str, told: Mapping[str, Any], arm: ArmStyle) -> Figure:
    """Draw one claim's numbers, the one that explains most on top.

    Args:
        claim: id of the claim.
        told: what decides it, as the document has it.
        arm: how the arm looks.
    """
    rows = [each for each in told["numbers"] if each["low"] is not None][:MOST]
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for place, each in enumerate(reversed(rows)):
        strong = each["beyond_chance"]
        for end, symbol, words in (("low", "circle-open", "low"), ("high", "circle", "high")):
            data.append({
                "type": "scatter", "mode": "markers", "x": [each[end]], "y": [place],
                "marker": {"color": arm.colour if strong else MUTED, "size": 10, "symbol": symbol,
                           "line": {"width": 2}},
                "hovertemplate": f"{each['record']} {words}: %{{x:.3g}}<extra></extra>",
            })  # fmt: skip
        data.insert(0, {
            "type": "scatter", "mode": "lines", "x": [each["low"], each["high"]],
            "y": [place, place], "hoverinfo": "skip",
            "line": {"color": arm.colour if strong else MUTED, "width": 6 if strong else 2},
        })  # fmt: skip
        notes.append(note(each["record"], 0, place + 0.22, yref="y", xanchor="left",
                          yanchor="bottom", font={"size": 12, "color": INK}, bgcolor=PAPER,
                          borderpad=1))  # fmt: skip
        told_share = f"{100 * each['share']:.0f} %" if strong else "within chance"
        notes.append(note(told_share, 1,
                          place + 0.22, yref="y", xanchor="right", yanchor="bottom",
                          font={"size": 12, "color": INK}, bgcolor=PAPER, borderpad=1))  # fmt: skip
    matter = told["smallest_meaningful"] * (-1 if told["better"] == "lower" else 1)
    values = [each[end] for each in rows for end in ("low", "high")] + [told["estimate"], matter]
    low, high = min(values), max(values)
    room = 0.08 * (high - low or 1.0)
    marks = [(told["estimate"], "solid"), (matter, "dash")]
    unit = "" if told["unit"] in ("", "1") else f", {told['unit']}"
    drawn = layout(
        86 + ROW * len(rows),
        notes=notes,
        shapes=[
            {"type": "line", "xref": "x", "yref": "paper", "x0": x, "x1": x, "y0": 0, "y1": 1,
             "line": {"color": INK, "width": 1, "dash": dash}, "layer": "below"}
            for x, dash in marks
        ],
        xaxis=axis(f"Mean effect{unit}; open: number low, filled: high", nticks=6,
                   range=[low - room, high + room]),
        yaxis={"visible": False, "range": [-0.6, len(rows) - 0.2], "fixedrange": True},
        margin={"l": 12, "r": 12, "t": 20, "b": 46}, hovermode="closest",
    )  # fmt: skip
    return Figure(
        f"tornado-{claim}", "What moves the effect", data, drawn,
        "Mean effect in the third of simulated worlds where each number is low, and high.",
    )  # fmt: skip
