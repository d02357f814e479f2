"""Visual predictive checks and profile likelihoods of a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from speciosa.core.profile import CHI2_95
from speciosa.view.figures.figure import Figure
from speciosa.view.theme import HARM, INK, MUTED, ROLE_COLOURS, axis, faded, layout, note

BLUE, GREEN = ROLE_COLOURS["both"], ROLE_COLOURS["kratom"]
WIDE = 20.0  # ratio of largest and smallest observation from which the axis is logarithmic


def predictive_check(
    quantity: str, bins: Sequence[Mapping[str, Any]], points: Sequence[Mapping[str, Any]], unit: str
) -> Figure:
    """Draw observations over the bands of replicates of the whole data set.

    Args:
        quantity: what was observed.
        bins: the document's ``check`` of it, by time.
        points: every observation, with ``hours``, ``value`` and ``censored``.
        unit: of the quantity.
    """
    rows = sorted(bins, key=lambda each: each["hours"])
    hours = [each["hours"] for each in rows]
    data: list[dict[str, Any]] = []
    for place, colour in ((0, BLUE), (2, BLUE), (1, GREEN)):
        low, high = ([each["bands"][place][end] for each in rows] for end in (0, 2))
        data.append({
            "type": "scatter", "mode": "lines", "x": [*hours, *reversed(hours)],
            "y": [*high, *reversed(low)], "fill": "toself", "fillcolor": faded(colour, 0.25),
            "line": {"width": 0}, "hoverinfo": "skip",
        })  # fmt: skip
    for seen in (False, True):
        mine = [each for each in points if each["censored"] is seen]
        data.append({
            "type": "scatter", "mode": "markers", "x": [each["hours"] for each in mine],
            "y": [each["value"] for each in mine], "hovertemplate": "%{y:.3g} at %{x:.3g} h"
            f"{', below the limit' if seen else ''}<extra></extra>",
            "marker": {"color": MUTED, "size": 5, "symbol": "triangle-down" if seen else "circle"},
        })  # fmt: skip
    for place, dash in ((0, "dash"), (1, "solid"), (2, "dash")):
        data.append({
            "type": "scatter", "mode": "lines", "x": hours, "hoverinfo": "skip",
            "y": [each["observed"][place] for each in rows],
            "line": {"color": INK, "width": 2 if place == 1 else 1, "dash": dash},
        })  # fmt: skip
    values = [each["value"] for each in points]
    log = bool(values) and max(values) > WIDE * min(values)
    drawn = layout(
        360, hovermode="closest",
        xaxis=axis("Hours"),
        yaxis=axis(f"{quantity.replace('_', ' ').capitalize()}{f', {unit}' if unit else ''}",
                   type="log" if log else "linear"),
        margin={"l": 60, "r": 16, "t": 22, "b": 42},
    )  # fmt: skip
    inside = sum(each["inside"] * each["n"] for each in rows) / sum(each["n"] for each in rows)
    words = (
        f"Observed 5, 50 and 95 % points (lines) over where replicates of the data put them (90 % "
        f"bands); dots: observations, {100 * inside:.0f} % of them between the outer points."
    )
    return Figure(f"vpc-{quantity}", f"{quantity.replace('_', ' ').capitalize()}", data, drawn,
                  words)  # fmt: skip


def profile(found: Mapping[str, Any], unit: str) -> Figure:
    """Draw one profile likelihood with the line that it must cross on both sides.

    Args:
        found: an entry of the document's ``profiles``.
        unit: of the record.
    """
    data = [
        {
            "type": "scatter", "mode": "lines+markers", "x": found["values"], "y": found["loss"],
            "line": {"color": BLUE, "width": 2, "shape": "spline"}, "marker": {"size": 6},
            "hovertemplate": "%{x:.4g}: %{y:.2f}<extra></extra>",
        }
    ]  # fmt: skip
    line = {
        "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": CHI2_95,
        "y1": CHI2_95, "line": {"color": HARM, "width": 1, "dash": "dash"},
    }  # fmt: skip
    drawn = layout(
        220, shapes=[line], hovermode="closest",
        notes=[note("3.84", 0, CHI2_95, yref="y", xanchor="left", yanchor="bottom")],
        xaxis=axis(f"{found['record']}{'' if unit == '1' else f', {unit}'}"),
        yaxis=axis("Twice the loss", range=[0, 9]),
        margin={"l": 48, "r": 16, "t": 22, "b": 42},
    )  # fmt: skip
    told = "bounded on both sides" if found["bounded"] else "open on a side: the data do not fix it"
    words = f"Profile likelihood of {found['record']}: {told}."
    return Figure(f"profile-{found['record']}", found["record"], data, drawn, words)
