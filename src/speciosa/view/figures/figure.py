"""What a figure is: marks, layout and the words that stand beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """A Plotly figure as plain values.

    Args:
        id: unique in the page.
        title: what it shows.
        data: Plotly traces.
        layout: Plotly layout; colours may be tokens of :mod:`speciosa.view.theme`.
        description: what a reader who cannot see it is told.
    """

    id: str
    title: str
    data: list[dict[str, Any]]
    layout: dict[str, Any]
    description: str = ""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.layout["height"])

    def payload(self) -> dict[str, Any]:
        """What the page's script draws."""
        return {"data": self.data, "layout": self.layout}
