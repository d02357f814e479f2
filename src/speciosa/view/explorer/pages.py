"""The explorer's pages, made from templates; those of the report are among them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup, escape

from speciosa.view.report import environment, help_by_region
from speciosa.view.words import duration

STATES = {
    "queued": "waiting its turn",
    "running": "running",
    "finished": "finished",
    "failed": "failed",
    "cancelled": "cancelled",
    "stopped": "stopped before its end",
}
MARKS = {"queued": "…", "running": "▶", "finished": "●", "failed": "✕", "cancelled": "○",
         "stopped": "◐"}  # fmt: skip


@cache
def templates() -> Environment:
    """Return the templates; a record's name is a link to what is known about it."""
    own = PackageLoader("speciosa.view.explorer")
    env = environment().overlay(loader=ChoiceLoader([own, PackageLoader("speciosa.view")]))
    env.filters = {
        **env.filters,
        "breakable": record_link,
        "record": record_link,
        "duration": duration,
        "path": quote,
    }
    env.globals = {**env.globals, "STATES": STATES, "STATE_MARKS": MARKS}
    return env


def record_link(name: str) -> Markup:
    """Return a link to a record.

    >>> print(record_link("mu.tone"))
    <a class="record" href="/evidence/mu.tone">mu.<wbr>tone</a>
    """
    shown = str(escape(name)).replace(".", ".<wbr>").replace("_", "_<wbr>")
    return Markup(f'<a class="record" href="/evidence/{quote(name)}">{shown}</a>')


def page(name: str, **given: Any) -> str:
    """Return a whole page or a part of one."""
    whole = {"help_lines": help_by_region(), **given}
    return templates().get_template(name).render(**whole)


@cache
def static(name: str) -> bytes:
    """Return a file that pages load: styles and scripts of the explorer and the report's styles."""
    room = "speciosa.view.explorer" if name.startswith("explorer") else "speciosa.view"
    return files(room).joinpath("static", name).read_bytes()


def state_words(run: Any, now: float) -> dict[str, Any]:
    """Return what a page shows of a run's state, as plain values."""
    left = run.seconds_left(now)
    share = run.done / run.asked if run.asked else 0.0
    return {
        "id": run.id,
        "state": run.state,
        "words": STATES[run.state],
        "mark": MARKS[run.state],
        "phase": run.phase if run.open else "",
        "done": run.done,
        "asked": run.asked,
        "failed": run.failed,
        "share": round(min(share, 1.0), 4),
        "left": duration(left) if left is not None else "",
        "took": duration(run.ended - run.began) if run.began and run.ended else "",
        "answer": run.answer,
        "message": run.message,
        "open": run.open,
        "resumable": run.resumable,
    }


def fields_of(table: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the fields of a table of people: path, label, unit and value of each number."""
    found: list[dict[str, Any]] = []
    for key, value in table.items():
        if key in ("people_per_arm", "draws"):
            continue
        path = f"population.{key}"
        label, unit = LABELS.get(key, (key.replace("_", " ").capitalize(), ""))
        found.append({"path": path, "label": label, "unit": unit, "parts": _parts(path, value)})
    return found


def _parts(path: str, value: Any, name: str = "") -> list[dict[str, Any]]:
    if isinstance(value, Mapping):
        return [
            part
            for key, each in value.items()
            for part in _parts(f"{path}.{key}", each, f"{name} {PARTS.get(key, key)}".strip())
        ]
    if isinstance(value, list):
        ends = ("from", "to") if len(value) == 2 and not isinstance(value[0], Mapping) else None
        return [
            part
            for place, each in enumerate(value)
            for part in _parts(
                f"{path}.{place}", each,
                f"{name} {ends[place] if ends else place + 1}".strip(),
            )
        ]  # fmt: skip
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return [{"path": path, "name": name, "value": value, "number": number}]


PARTS = {"sd": "spread (sd)", "low": "lowest", "high": "highest", "daily_amount_mg": "mg a day",
         "uses_per_day": "uses a day"}  # fmt: skip
LABELS = {
    "age": ("Age", "years"),
    "men": ("Men", "share"),
    "weight_men": ("Weight of men, median", "kg"),
    "weight_women": ("Weight of women, median", "kg"),
    "weight_cv": ("Spread of weight", "cv"),
    "smokers": ("People who smoke", "share"),
    "cyp2d6": ("CYP2D6 activity score", "share of people"),
    "hours_since_last_use": ("Hours since the last use", "h"),
    "years_of_use": ("Years of daily use", "years"),
    "residential_days": ("First days under one roof with the staff", "d"),
    "habits": ("What people used each day", ""),
    "use_level": ("Level of the daily use decision", "a record"),
    "dropout_rate": ("Rate of leaving", "a record"),
    "adherence": ("Chance that a dose is taken", "a record"),
}
