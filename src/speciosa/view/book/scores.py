"""The scorecard as it stands in the book: what passed, what did not, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from speciosa.evidence.results import ROLES
from speciosa.verdict.benchmark import ENOUGH, TOPICS, leaned_on
from speciosa.view.book.markdown import anchor, link, table
from speciosa.view.words import number

MARKS = {True: "passed", False: "<b>failed</b>", None: "not run"}


def summary(card: Mapping[str, Any]) -> str:
    """Return the counts in words and by topic.

    Args:
        card: a scorecard.
    """
    about, counts = card["about"], card["summary"]["by_role"]
    told = []
    for role in ROLES:
        each = counts[role]
        run = each["passed"] + each["failed"]
        share = f", {100 * each['passed'] / run:.0f} %" if run else ""
        fold = each["median_fold_error"]
        off = f"; typically {number(fold)}-fold off" if fold else ""
        told.append(f"- **{role}**: {each['passed']} of {run} passed{share}{off}")
    rows = [row for row in card["results"] if row["pass"] is not None]
    sources = len({row["source"] for row in rows})
    return "\n".join(
        (
            f"Scorecard of {about['date']}, version {about['version']}, evidence "
            f"`{about['evidence'][:12]}`: {about['draws']} draws of {about['people']} people, "
            f"{len(rows)} results from {sources} sources were run.\n",
            *told,
            "",
            _by_topic(card),
        )
    )


def _by_topic(card: Mapping[str, Any]) -> str:
    shown = []
    for topic in TOPICS:
        alike = topic.populations or not topic.quantities
        for disorder in () if alike else ("opioid", "alcohol"):
            name, rows = leaned_on(topic.endpoints[0], disorder, card["results"])
            shown.append((f"{name} ({disorder})", rows))
        if alike:
            shown.append(leaned_on(topic.endpoints[0], "opioid", card["results"]))
    cells = []
    for name, rows in {name: rows for name, rows in shown}.items():
        passed = sum(bool(row["pass"]) for row in rows)
        share = passed / len(rows) if rows else 0.0
        held_back = bool(rows) and all(row["role"] == "validation" for row in rows)
        which = "held back" if held_back else "fitted to" if rows else "nothing published"
        warned = "" if rows and share >= ENOUGH else "verdicts are warned"
        count = f"{passed} of {len(rows)}" if rows else "–"
        cells.append(
            [name.capitalize(), which, count, f"{100 * share:.0f} %" if rows else "–", warned]
        )
    head = ("What a verdict leans on", "Results", "Passed", "Share", "")
    return table(head, cells, right=(2, 3))


def rows_table(card: Mapping[str, Any]) -> str:
    """Return every row: published beside predicted, with role, margin and mark."""
    blocks = []
    for role in ROLES:
        mine = [row for row in card["results"] if row["role"] == role]
        blocks += [f"\n### {role.capitalize()}\n", _rows(mine)]
    return "\n".join(blocks)


def _rows(rows: Sequence[Mapping[str, Any]]) -> str:
    made = []
    for row in sorted(rows, key=lambda each: (each["source"], each["id"])):
        unit = "" if row["unit"] == "1" else f" {escape(row['unit'])}"
        arm = escape(row["regimen"])
        if row["reference_regimen"]:
            arm += f" <small>beside {escape(row['reference_regimen'])}</small>"
        people = ", ".join(part for part in (row["population"], row["setting"]) if part)
        what = " ".join(part for part in (row["metric"].replace("_", " "), row["at"]) if part)
        accepted = row["accepted"]
        made.append(
            [
                f"id={anchor(row['id'])}",
                f"<code>{escape(row['id'])}</code><br>"
                + link(f"evidence/sources.html#{anchor(row['source'])}", row["source"]),
                MARKS[row["pass"]]
                + (f"<br><small>{escape(row['reason'])}</small>" if row["reason"] else ""),
                f"{arm}<br><small>{escape(people)}</small>",
                f"{escape(row['quantity'].replace('_', ' '))}<br><small>{escape(what)}</small>",
                _with_interval(row["published"], row["published_low"], row["published_high"])
                + unit,
                _with_interval(row["predicted"], row["low"], row["high"]) if accepted else "–",
                f"{number(accepted[0])} to {number(accepted[1])}" if accepted else "–",
            ]
        )  # fmt: skip
    head = ("Study", "", "Arm", "Endpoint", "Published", "Predicted (5–95 %)", "Passes within")
    return table(head, made, right=(4, 5, 6))


def _with_interval(value: float | None, low: float | None, high: float | None) -> str:
    if value is None:
        return "–"
    span = f"<br><small>{number(low)} to {number(high)}</small>" if low is not None else ""
    return f"{number(value)}{span}"
