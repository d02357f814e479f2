"""The stages of a model as a drawing: what gives what to whom, from doses to symptoms."""

from __future__ import annotations

from html import escape

from speciosa.core.notice import SIMULATED
from speciosa.core.wiring import CLOCK, Model

FILE = "stages.svg"
WIDE, HIGH, GAP_X, GAP_Y, MARGIN = 190, 34, 90, 22, 24
STYLE = (
    "text{font:12px sans-serif;fill:#222}.stage{fill:#fff;stroke:#4a5568}"
    ".decision{fill:#f3efe3;stroke:#8a6d3b}path{fill:none;stroke:#94a3b8;stroke-width:1}"
    "path.back{stroke:#b45309;stroke-dasharray:4 3}"
)


def graph(model: Model, name: str = "speciosa") -> str:
    """Return the stage graph of a model as SVG, drawn in layers; loops are dashed.

    Example:
        >>> from speciosa.models.opioid import opioid
        >>> graph(opioid(["melatonin_oral"])).startswith("<svg")
        True
    """
    needs = {stage.name: set(stage.needs) for stage in model.stages}
    needs |= {one.name: set(one.watches) for one in model.decisions}
    gives = {stage.name: set(stage.gives) for stage in model.stages}
    gives |= {one.name: set(one.gives) for one in model.decisions}
    giver = {quantity: part for part, given in gives.items() for quantity in given}
    edges: dict[tuple[str, str], list[str]] = {}
    for part, wanted in needs.items():
        for quantity in sorted(wanted - set(CLOCK)):
            if giver[quantity] != part:
                edges.setdefault((giver[quantity], part), []).append(quantity)
    layers = _layers(list(needs), list(edges))
    return _drawn(layers, edges, {one.name for one in model.decisions}, name)


def _layers(parts: list[str], edges: list[tuple[str, str]]) -> dict[str, tuple[int, int]]:
    """Return part -> (layer, place in it): one after the last part it reads, loops aside."""
    place = {part: i for i, part in enumerate(parts)}
    layer = dict.fromkeys(parts, 0)
    for part in parts:
        before = [layer[a] + 1 for a, b in edges if b == part and place[a] < place[part]]
        layer[part] = max(before, default=0)
    counts: dict[int, int] = {}
    found = {}
    for part in parts:
        found[part] = (layer[part], counts.get(layer[part], 0))
        counts[layer[part]] = found[part][1] + 1
    return found


def _drawn(
    layers: dict[str, tuple[int, int]],
    edges: dict[tuple[str, str], list[str]],
    decisions: set[str],
    name: str,
) -> str:
    def corner(part: str) -> tuple[int, int]:
        column, row = layers[part]
        return MARGIN + column * (WIDE + GAP_X), MARGIN + 24 + row * (HIGH + GAP_Y)

    wide = max(corner(part)[0] for part in layers) + WIDE + MARGIN
    high = max(corner(part)[1] for part in layers) + HIGH + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" role="img" aria-label="Stages of {escape(name)}, {SIMULATED}">',
        f"<title>Stages of {escape(name)}, {SIMULATED}</title><style>{STYLE}</style>",
        f'<text x="{MARGIN}" y="{MARGIN}">Stages of {escape(name)}, {SIMULATED}</text>',
    ]
    for (giver, reader), quantities in edges.items():
        (x1, y1), (x2, y2) = corner(giver), corner(reader)
        back = layers[reader][0] <= layers[giver][0]
        x1, y1, y2 = x1 + WIDE, y1 + HIGH // 2, y2 + HIGH // 2
        bend = GAP_X if back else (x2 - x1) // 2
        lines.append(
            f'<path class="{"back" if back else "on"}" d="M{x1} {y1} C{x1 + bend} {y1} '
            f'{x2 - bend} {y2} {x2} {y2}"><title>{escape(giver)} gives {escape(reader)}: '
            f"{escape(', '.join(quantities))}</title></path>"
        )
    for part in layers:
        x, y = corner(part)
        kind = "decision" if part in decisions else "stage"
        lines.append(
            f'<rect class="{kind}" x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="5"/>'
            f'<text x="{x + 8}" y="{y + 21}">{escape(part.replace("_", " "))}</text>'
        )
    return "\n".join([*lines, "</svg>", ""])
