"""One look for every figure: Okabe-Ito colours fixed by role, never colour alone.

Colours for text, grid and paper are tokens such as ``@ink``: the page replaces them by the values
of its light or dark theme. Source of the palette: Okabe M, Ito K. Color Universal Design, 2008.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

ROLE_COLOURS = {
    "placebo": "#999999",
    "melatonin": "#56B4E9",
    "kratom": "#009E73",
    "both": "#0072B2",
    "standard": "#E69F00",
}
HARM = "#D55E00"
OTHER = "#666666"
INK, MUTED, GRID, PAPER = "@ink", "@muted", "@grid", "@paper"
_DASHES = ("solid", "dash", "dot", "dashdot")
_SYMBOLS = {
    "placebo": "circle-open",
    "melatonin": "diamond",
    "kratom": "circle",
    "both": "square",
    "standard": "triangle-up",
}
_MORE_SYMBOLS = ("triangle-down", "star", "hexagon")


@dataclass(frozen=True)
class ArmStyle:
    """How one arm is drawn, the same in every figure."""

    id: str
    label: str
    role: str
    colour: str
    dash: str
    symbol: str


def styles(arms: Iterable[Mapping[str, Any]]) -> dict[str, ArmStyle]:
    """Give every arm its colour by role and a dash and symbol that tell it from its neighbours.

    >>> found = styles([{"id": "l", "role": "standard"}, {"id": "b", "role": "standard"}])
    >>> found["l"].colour == found["b"].colour, found["l"].dash == found["b"].dash
    (True, False)
    """
    seen: dict[str, int] = {}
    made = {}
    for arm in arms:
        role = arm.get("role", "")
        turn = seen.get(role, 0)
        seen[role] = turn + 1
        symbol = _SYMBOLS.get(role, "circle")
        made[arm["id"]] = ArmStyle(
            id=arm["id"],
            label=arm.get("label") or arm["id"],
            role=role,
            colour=ROLE_COLOURS.get(role, OTHER),
            dash=_DASHES[turn % len(_DASHES)],
            symbol=symbol if turn == 0 else _MORE_SYMBOLS[(turn - 1) % len(_MORE_SYMBOLS)],
        )
    return made


def faded(colour: str, alpha: float) -> str:
    """A hex colour as rgba.

    >>> faded("#009E73", 0.2)
    'rgba(0,158,115,0.2)'
    """
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """An axis with its unit in the title."""
    return {
        "title": {"text": title, "font": {"size": 12, "color": MUTED}, "standoff": 8},
        "gridcolor": GRID,
        "zeroline": False,
        "linecolor": GRID,
        "tickfont": {"size": 11, "color": MUTED},
        "fixedrange": True,
        **more,
    }


def note(text: str, x: float, y: float, **more: Any) -> dict[str, Any]:
    """A small annotation in paper coordinates."""
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper",
        "yref": "paper",
        "showarrow": False,
        "font": {"size": 11, "color": MUTED},
        **more,
    }


def layout(height: int, *, notes: Iterable[dict[str, Any]] = (), **more: Any) -> dict[str, Any]:
    """The layout every figure starts from; it says that the figure is simulated."""
    stamp = note("simulated, not observed", 1, 1, xanchor="right", yanchor="bottom")
    stamp["font"] = {"size": 9, "color": MUTED}
    return {
        "height": height,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "hoverlabel": {"font": {"size": 12}},
        "showlegend": False,
        "margin": {"l": 48, "r": 16, "t": 22, "b": 40},
        "annotations": [*notes, stamp],
        **more,
    }
