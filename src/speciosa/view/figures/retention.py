"""Who is still in treatment on each day, with the numbers at risk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from speciosa.view.figures.courses import direct_labels, label_room
from speciosa.view.figures.figure import Figure
from speciosa.view.theme import ArmStyle, axis, layout


def retention(curves: Sequence[Mapping[str, Any]], arms: Mapping[str, ArmStyle]) -> Figure:
    """Draw the share of each arm that is still in treatment, as steps."""
    shown = [(arms[curve["arm"]], curve) for curve in curves if curve["arm"] in arms]
    data = [
        {
            "type": "scatter", "mode": "lines", "x": curve["days"],
            "y": [100 * share for share in curve["share"]], "name": arm.label,
            "line": {"color": arm.colour, "width": 2, "dash": arm.dash, "shape": "hv"},
            "hovertemplate": f"{arm.label}: %{{y:.0f}} %<extra></extra>",
        }
        for arm, curve in shown
    ]  # fmt: skip
    height, scale = 300, (0.0, 104.0)
    ends = [(arm, 100 * curve["share"][-1]) for arm, curve in shown]
    last = max((curve["days"][-1] for _, curve in shown), default=1)
    drawn = layout(
        height,
        notes=direct_labels(ends, scale, height),
        xaxis=axis("Day", range=[0, last], dtick=7, showgrid=False),
        yaxis=axis("Still in treatment (%)", range=list(scale), dtick=25),
        hovermode="x unified",
        margin={"l": 52, "r": label_room([arm for arm, _ in shown]), "t": 22, "b": 42},
    )
    return Figure("retention", "Still in treatment", data, drawn, "Share in treatment by day.")


def at_risk(
    curves: Sequence[Mapping[str, Any]], arms: Mapping[str, ArmStyle]
) -> list[tuple[str, ...]]:
    """Rows of the numbers-at-risk table: one per arm, one column per week."""
    if not curves:
        return []
    days = [int(day) for day in curves[0]["days"] if day % 7 == 0]
    rows = [("People at risk", *(f"Day {day}" for day in days))]
    for curve in curves:
        label = arms[curve["arm"]].label if curve["arm"] in arms else curve["arm"]
        rows.append((label, *(f"{curve['at_risk'][day]:,}" for day in days)))
    return rows
