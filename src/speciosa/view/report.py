"""One self-contained report: a page that opens offline and answers before it explains."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from speciosa.core.files import write_whole
from speciosa.core.notice import INTENDED_USE, OUTSIDE, SIMULATED
from speciosa.evidence.help_lines import help_lines
from speciosa.evidence.record import GRADES
from speciosa.verdict.offset import TOO_FEW
from speciosa.verdict.surface import shown
from speciosa.view import words
from speciosa.view.annotated import annotated, in_plain_words
from speciosa.view.banners import banners_for
from speciosa.view.complete import complete
from speciosa.view.figures import forest
from speciosa.view.figures.courses import Course, course, inside_body
from speciosa.view.figures.figure import Figure
from speciosa.view.figures.offset import offset
from speciosa.view.figures.retention import at_risk, retention
from speciosa.view.figures.tornado import tornado
from speciosa.view.theme import HARM, ROLE_COLOURS, ArmStyle, styles

MOST_HARMS_FIRST = 3  # harms on the first screen; all of them stand below
VERDICT_MARKS = {
    "unsafe": "✕",
    "contradicted": "✕",
    "not supported": "○",
    "plausible, untested": "◐",
    "supported": "●",
    "no verdict": "–",
    "not testable here": "–",
}


@dataclass(frozen=True)
class Pair:
    """A benefit and a harm of the same number of rows, drawn side by side at equal size."""

    benefit: Figure | None
    harm: Figure | None


def write_report(document: Mapping[str, Any], path: str | Path) -> Path:
    """Write the report of a verdict document as one HTML file.

    Args:
        document: what ``verdict.json`` holds.
        path: the file to write.
    """
    target = Path(path)
    write_whole(target, render(document))
    return target


def render(document: Mapping[str, Any]) -> str:
    """Return the report as one HTML text that fetches nothing."""
    given = context(document)
    return environment().get_template("report.html.j2").render(
        **given,
        **built_in(given["figures"]),
    )  # fmt: skip


def context(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the parts of a report are made from.

    Args:
        document: what ``verdict.json`` holds.
    """
    document = complete(document)
    look = styles(document.get("arms", ()))
    pairs = _pairs(document, look)
    courses = [course(name, entry, look) for name, entry in document.get("courses", {}).items()]
    across = _across(document, look)
    deciding = _deciding(document, look)
    storms = [
        tornado(each["id"], each["decides"], look[each["effect"]["arm"]]) for each in deciding
    ]
    stay = [retention(document["retention"], look)] if document.get("retention") else []
    beside_standard = _beside_standard(document, look)
    figures = [*_drawn(pairs), *beside_standard, *_drawn_courses(courses), *across.values(), *stay,
               *storms]  # fmt: skip
    return dict(
        d=document,
        study=document["study"],
        draws=document["study"]["draws"] or document["run"]["draws"] or 0,
        look=look,
        names=words.labels(document),
        headline=_headline(document),
        pairs=pairs,
        beside_standard=beside_standard,
        other_standards=_other_standards(document),
        felt=[each for each in courses if not inside_body(each.quantity)],
        inside=[each for each in courses if inside_body(each.quantity)],
        across=across,
        deciding=next(iter(deciding), None),
        deciders=[each for each in deciding if "steady" in each["decides"]],
        storms=list(zip(deciding, storms, strict=True))[1:],
        tornado=next(iter(storms), None),
        stay=stay,
        at_risk=at_risk(document.get("retention") or [], look),
        evidence=_worst_first(document.get("evidence", ())),
        banners=banners_for(document),
        help_lines=help_by_region(),
        figures=figures,
        matched=document.get("matched"),
        claimed=any(each["as_claimed"] for each in document["claims"]),
        paragraphs=annotated(document),
        surface=shown(document["synergy"]) if document["synergy"] else [],
        in_plain_words=in_plain_words(document),
    )  # fmt: skip


@cache
def environment() -> Environment:
    """Return the templates of the report with their filters."""
    env = Environment(
        loader=PackageLoader("speciosa.view"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "number": words.number,
        "interval": words.interval,
        "with_interval": words.with_interval,
        "meaningful": words.meaningful,
        "one_in": words.one_in,
        "probability": words.probability,
        "mid": words.mid,
        "duration": words.duration,
        "breakable": _breakable,
        "groupby_in_order": _grouped_by,
        "record": str,  # a link where there is something to link to
        "explain": lambda text: Markup(words.explain(text)),
    }
    env.globals |= {
        "answer": words.answer,
        "worsening": words.worsening,
        "worlds": words.worlds,
        "unit_words": words.unit_words,
        "GLOSSARY": words.GLOSSARY,
        "GRADES": GRADES,
        "INTENDED_USE": INTENDED_USE,
        "OUTSIDE": OUTSIDE,
        "SIMULATED": SIMULATED,
        "HARM": HARM,
        "STANDARD": ROLE_COLOURS["standard"],
        "MARKS": VERDICT_MARKS,
        "TOO_FEW": TOO_FEW,
        "first_harms": first_harms,
    }
    return env


def _breakable(name: str) -> Markup:
    """A record's id that may break after a dot or an underscore."""
    return Markup(re.sub(r"([._])", r"\1<wbr>", str(escape(name))))


def _grouped_by(rows: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, list[Any]]]:
    """Rows that share a key, groups in the order in which they come."""
    groups: dict[str, list[Any]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return list(groups.items())


def static_text(name: str) -> str:
    """Return a file that is put into every page."""
    return files("speciosa.view").joinpath("static", name).read_text(encoding="utf-8")


def built_in(figures: Sequence[Any]) -> dict[str, Markup]:
    """Return what makes a page with figures whole by itself: their data, scripts and style."""
    return {
        "payload": Markup(script_json({each.id: each.payload() for each in figures})),
        "plotly": Markup(plotly_script()),
        "script": Markup(static_text("report.js")),
        "style": Markup(static_text("report.css")),
    }


@cache
def plotly_script() -> str:
    """Return Plotly as it may stand inside a script element."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).replace("</script", "<\\/script")


def script_json(value: Any) -> str:
    """JSON that may stand inside a script element."""
    text = json.dumps(rounded(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def rounded(value: Any) -> Any:
    """Numbers with the five figures that a chart can show; the rest is weight."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, Mapping):
        return {key: rounded(each) for key, each in value.items()}
    return [rounded(each) for each in value] if isinstance(value, list) else value


def _headline(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The claim of the first screen: the one marked as headline, or the first."""
    claims = document.get("claims") or ()
    return next((each for each in claims if each.get("headline")), claims[0] if claims else None)


def _deciding(document: Mapping[str, Any], look: Mapping[str, ArmStyle]) -> list[Mapping[str, Any]]:
    """The claims whose deciding numbers are known, the headline first."""
    head = _headline(document)
    claims = [head, *(c for c in document["claims"] if c is not head)] if head else []
    told = [c for c in claims if c.get("decides") and c["decides"]["numbers"]]
    return [c for c in told if c["effect"]["arm"] in look]


def first_harms(claim: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The harms that go on the first screen: the likeliest above their limit come first."""
    entries = list(claim.get("harms") or ())
    entries.sort(key=lambda each: each.get("probability_above_limit") or 0.0, reverse=True)
    return entries[:MOST_HARMS_FIRST]


def _grouped(entries: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        groups.setdefault(entry["endpoint"], []).append(entry)
    return list(groups.values())


def _pairs(document: Mapping[str, Any], look: Mapping[str, ArmStyle]) -> list[Pair]:
    """Set benefits and harms side by side, as many rows as the longer of the two.

    The harms stand at the same size; the comparison with placebo comes first.
    """
    draws = document["study"].get("draws") or 0
    harmful = {each["endpoint"] for each in document.get("harms", ())}
    entries = [each for each in document.get("effects", ()) if each["endpoint"] not in harmful]
    control = {each["versus"] for each in entries[:1]}
    against = [each for each in entries if each["versus"] in control]
    good = [forest.benefit(rows, look, draws) for rows in _grouped(against)]
    bad = [
        forest.harm([row for row in rows if row["arm"] not in control] or rows, look)
        for rows in _grouped(document.get("harms", ()))
    ]
    longest = max(len(good), len(bad))
    good_or_none: list[Figure | None] = [*good, *[None] * (longest - len(good))]
    bad_or_none: list[Figure | None] = [*bad, *[None] * (longest - len(bad))]
    return [Pair(*both) for both in zip(good_or_none, bad_or_none, strict=True)]


def _beside_standard(document: Mapping[str, Any], look: Mapping[str, ArmStyle]) -> list[Figure]:
    """The benefits again, compared with the last standard treatment instead of placebo."""
    harmful = {each["endpoint"] for each in document.get("harms", ())}
    entries = [each for each in document.get("effects", ()) if each["endpoint"] not in harmful]
    compared = list(dict.fromkeys(each["versus"] for each in entries))
    if len(compared) < 2:
        return []
    rows = [each for each in entries if each["versus"] == compared[-1]]
    draws = document["study"].get("draws") or 0
    return [forest.benefit(group, look, draws) for group in _grouped(rows)]


def _other_standards(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The headline's effect under the standard treatments that are not its comparator."""
    head = _headline(document)
    if not head:
        return []
    standard = {arm["id"] for arm in document["arms"] if arm.get("role") == "standard"}
    shown = {(head.get("comparator") or {}).get("arm"), head["effect"]["arm"]}
    return [
        each
        for each in document["effects"]
        if each["endpoint"] == head["effect"]["endpoint"]
        and each["versus"] == head["effect"]["versus"]
        and each["arm"] in standard - shown
    ]


def _drawn(pairs: Sequence[Pair]) -> list[Figure]:
    return [each for pair in pairs for each in (pair.benefit, pair.harm) if each is not None]


def _drawn_courses(courses: Sequence[Course]) -> list[Figure]:
    return [figure for each in courses for figure in (each.overview, *each.panels)]


def _across(document: Mapping[str, Any], look: Mapping[str, ArmStyle]) -> dict[str, Figure]:
    """The offset figure of the headline, or of the first claim that was judged across it."""
    head = _headline(document)
    judged = [head, *document["claims"]] if head else []
    for claim in judged:
        if claim["by_offset"] and claim["effect"]["arm"] in look:
            return {claim["id"]: offset(claim, look[claim["effect"]["arm"]])}
    return {}


def _worst_first(evidence: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Weakest grade first, what carries the load before what does not."""
    by_name = sorted(evidence, key=lambda each: each["id"])
    by_grade = sorted(by_name, key=lambda each: each["grade"], reverse=True)
    return sorted(by_grade, key=lambda each: not each.get("load_bearing"))


def help_by_region() -> dict[str, list[Any]]:
    """Return the help lines by region."""
    regions: dict[str, list[Any]] = {}
    for line in help_lines():
        regions.setdefault(line.region, []).append(line)
    return regions
