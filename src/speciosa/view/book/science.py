"""Pages of the science: what each module says of itself, its equations, and its numbers."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Mapping
from typing import Any

from speciosa.core.dimensions import trace
from speciosa.core.stage import Decision, Parameter, Stage
from speciosa.core.symbol import Expression
from speciosa.evidence.load import Evidence
from speciosa.view.book import formula
from speciosa.view.book.markdown import anchor, link, page, prose, table
from speciosa.view.book.records import record_page
from speciosa.view.book.stages import Chapter, chapters
from speciosa.view.evidence_table import range_of
from speciosa.view.words import number

ROOMS = {
    "exposure": "Exposure: dose to concentration",
    "receptor": "Receptor: concentration to signal",
    "response": "Response: signal to brain and behaviour",
    "symptom": "Symptom: what is felt and scored",
}
UP = "../../"


def science_pages(evidence: Evidence) -> dict[str, str]:
    """Return path -> text of every page of the science, with its first page."""
    found = {"science/index.md": _index()}
    for chapter in chapters():
        found[path_of(chapter)] = _chapter(chapter, evidence)
    return found


def path_of(chapter: Chapter) -> str:
    """Return the path of a module's page."""
    return f"science/{chapter.room}/{chapter.module}.md"


def _index() -> str:
    blocks = [
        "Every page here is made from the code that runs. The equations come from the functions "
        "that the solver calls, run once on names instead of numbers; each number in them stands "
        "in a table below, with its range, grade and source, and leads to its record. What is "
        "decided at a moment (a dose as needed, bedtime, use) is shown as the code itself.",
        "Signs: d/d*t* is a change per hour; a subscript is part of a name; *part* 1, 2 … are "
        "pieces that several equations share. What is simulated is not observed.",
    ]
    for room, title in ROOMS.items():
        rows = [
            [
                link(f"{room}/{chapter.module}.html", chapter.title),
                _first_line(chapter.text),
            ]
            for chapter in chapters()
            if chapter.room == room
        ]
        blocks += [f"## {title}", table(("Module", "What it does"), rows)]
    return page("The science of every stage", *blocks)


def _first_line(text: str) -> str:
    return text.split("\n\n")[0].replace("\n", " ")


def _chapter(chapter: Chapter, evidence: Evidence) -> str:
    blocks = [prose(chapter.text)]
    counts: dict[str, int] = {}
    for stage in chapter.stages:
        counts[stage.name] = counts.get(stage.name, 0) + 1
        blocks += _stage(stage, counts[stage.name], evidence)
    for decision in chapter.decisions:
        blocks += _decision(decision, evidence)
    code = f"`src/speciosa/{chapter.room}/{chapter.module}.py`"
    return page(chapter.title, *blocks, f"Code: {code}. Simulated, not observed.")


def _heading(name: str, form: int) -> str:
    title = name.replace("_", " ").capitalize()
    return f"## {title}" if form == 1 else f"## {title}, in another recipe ({form})"


def _stage(stage: Stage, form: int, evidence: Evidence) -> list[str]:
    outputs, rates = trace(stage)
    named: dict[str, object] = {f"out {key}": value for key, value in outputs.items()}
    named |= {f"rate {key}": value for key, value in rates.items()}
    parts, left = formula.shared(named)
    shown = [formula.equation(formula.name(key), value) for key, value in parts]
    for key, value in left.items():
        kind, word = key.split(" ", 1)
        side = formula.name(word) if kind == "out" else formula.change(word)
        shown.append(formula.equation(side, value))
    for key, mode in stage.modes.items():
        decay = -Expression("symbol", (mode.rate,)) * Expression("symbol", (key,))
        shown.append(formula.equation(formula.change(key), decay))
    blocks = [_heading(stage.name, form)]
    if shown:
        blocks.append('<div class="equations">\n' + "\n".join(shown) + "\n</div>")
    blocks.append(_ports(stage))
    blocks.append(numbers_of(stage.parameters, evidence))
    if stage.derive is not None:
        blocks.append(_source("Derived for each person before the run", stage.derive))
    return blocks


def _ports(stage: Stage) -> str:
    rows = [[formula.inline(q), _unit(u), "given to other stages"] for q, u in stage.gives.items()]
    rows += [[formula.inline(q), _unit(u), "needed from others"] for q, u in stage.needs.items()]
    rows += [
        [formula.inline(q), _unit(each.unit), "state, integrated"]
        for q, each in stage.states.items()
    ]
    rows += [
        [formula.inline(q), _unit(each.unit), "state that only decays, solved exactly"]
        for q, each in stage.modes.items()
    ]
    rows += [[formula.inline(q), _unit(u), "of the person"] for q, u in stage.covariates.items()]
    rows += [[formula.inline(q), _unit(u), "derived below"] for q, u in stage.derived.items()]
    rows += [[f"<code>{e}</code>", "nmol", "dose entry"] for e in stage.entries]
    return "<details><summary>Names and units</summary>\n" + table(
        ("Name", "Unit", "What it is"), rows
    ) + "\n</details>"  # fmt: skip


def numbers_of(parameters: Mapping[str, Parameter], evidence: Evidence) -> str:
    """Return the table of the numbers that a stage or decision uses, each a link to its record."""
    rows = []
    for symbol, parameter in parameters.items():
        record = evidence.number(parameter.record)
        where = f"{UP}{record_page(record)}.html#{anchor(record.id)}"
        source = evidence.sources.get(record.source)
        cited = (
            link(f"{UP}evidence/sources.html#{anchor(record.source)}", record.source)
            if source
            else record.source
        )
        rows.append(
            [
                formula.inline(symbol),
                link(where, number(record.value, 3)),
                range_of(record),
                _unit(record.unit),
                record.grade,
                link(where, record.id),
                cited,
            ]
        )
    if not rows:
        return ""
    head = ("Name", "Value", "Range 5–95 %", "Unit", "Grade", "Record", "Source")
    return table(head, rows, right=(1, 2))


def _decision(decision: Decision, evidence: Evidence) -> list[str]:
    hours = ", ".join(f"{hour:g}:00" if hour % 1 == 0 else f"{hour:g} h" for hour in decision.hours)
    asked = f"Asked at {hours}." if len(decision.hours) in range(1, 7) else ""
    if len(decision.hours) > 6:
        asked = f"Asked {len(decision.hours)} times a day."
    watched = ", ".join(formula.inline(each) for each in decision.watches)
    return [
        f"## Decision: {decision.name.replace('_', ' ')}",
        f"<p>{asked} Watches {watched or 'nothing'}.</p>",
        numbers_of(decision.parameters, evidence),
        _source("What is decided", decision.decide),
    ]


def _source(title: str, function: Any) -> str:
    """Return the code of a function, folded away."""
    try:
        code = textwrap.dedent(inspect.getsource(function)).rstrip()
    except OSError:
        return ""
    return f'??? note "{title}"\n\n' + textwrap.indent(f'``` python title=""\n{code}\n```', "    ")


def _unit(unit: str) -> str:
    return "" if unit == "1" else unit.replace("**", "^").replace("*", "·")
