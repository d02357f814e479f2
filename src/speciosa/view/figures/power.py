"""Power over the number of people, with the target and the level of the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from speciosa.view.figures.courses import direct_labels, label_room
from speciosa.view.figures.figure import Figure
from speciosa.view.theme import INK, MUTED, ArmStyle, axis, faded, layout

TWO_ERRORS = 1.96  # standard errors on either side of a share


def power_curve(
    rows: Sequence[Mapping[str, Any]], arms: Mapping[str, ArmStyle], target: float, alpha: float
) -> Figure:
    """Draw the power of every contrast under one estimand.

    Args:
        rows: the document's ``rows`` of one estimand.
        arms: how arms look.
        target: power asked for.
        alpha: one-sided level of the test.
    """
    by_contrast: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_contrast.setdefault(row["contrast"], []).append(row)
    data, ends = [], []
    for points in by_contrast.values():
        arm = arms[points[0]["arm"]]
        data += _line(points, arm)
        ends.append((arm, 100 * points[-1]["power"]))
    estimand, sizes = rows[0]["estimand"], sorted({row["people_per_arm"] for row in rows})
    height, scale = 320, (0.0, 104.0)
    drawn = layout(
        height,
        notes=direct_labels(ends, scale, height),
        shapes=[_level(100 * target, "dash", INK), _level(100 * alpha, "dot", MUTED)],
        xaxis=axis("People per arm", range=[0, 1.04 * sizes[-1]], tickvals=sizes, showgrid=False),
        yaxis=axis("Trials that claim benefit (%)", range=list(scale), dtick=20),
        hovermode="closest",
        margin={"l": 56, "r": label_room([arm for arm, _ in ends]), "t": 22, "b": 42},
    )
    words = f"Power by people per arm, {estimand}; dashed line: {target:.0%}."
    return Figure(f"power-{estimand.replace(' ', '-')}", estimand, data, drawn, words)


def _line(points: Sequence[Mapping[str, Any]], arm: ArmStyle) -> list[dict[str, Any]]:
    """A curve, its Monte-Carlo interval and, where there is one, the formula as open marks."""
    size = [point["people_per_arm"] for point in points]
    share = [100 * point["power"] for point in points]
    reach = [100 * TWO_ERRORS * point["power_error"] for point in points]
    low = [max(a - b, 0.0) for a, b in zip(share, reach, strict=True)]
    high = [min(a + b, 100.0) for a, b in zip(share, reach, strict=True)]
    known = [p for p in points if p["power_by_formula"] is not None]
    name = f"{arm.label}: %{{y:.0f}} % at %{{x}} per arm"
    return [
        {
            "type": "scatter", "mode": "lines", "x": [*size, *reversed(size)],
            "y": [*high, *reversed(low)], "fill": "toself", "fillcolor": faded(arm.colour, 0.18),
            "line": {"width": 0}, "hoverinfo": "skip",
        },
        {
            "type": "scatter", "mode": "lines+markers", "x": size, "y": share,
            "line": {"color": arm.colour, "width": 2, "dash": arm.dash},
            "marker": {"color": arm.colour, "size": 8, "symbol": arm.symbol},
            "hovertemplate": f"{name}<extra></extra>",
        },
        {
            "type": "scatter", "mode": "markers", "x": [p["people_per_arm"] for p in known],
            "y": [100 * p["power_by_formula"] for p in known],
            "marker": {"color": arm.colour, "size": 9, "symbol": "x-thin-open"},
            "hovertemplate": f"{name}, by formula<extra></extra>",
        },
    ]  # fmt: skip


def _level(y: float, dash: str, colour: str) -> dict[str, Any]:
    return {
        "type": "line", "xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": y, "y1": y,
        "line": {"color": colour, "width": 1, "dash": dash}, "layer": "below",
    }  # fmt: skip
