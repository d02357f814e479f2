"""SBML Level 3: parameters with rate and assignment rules, units, sources and events.

Everything is a parameter, because the model's states are amounts, shares and phases rather than
species in compartments. Time is in hours. What decisions hold constant is a parameter that events
change; a self-contained document of one person has that person's doses and decisions as events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from speciosa.core.notice import INTENDED_USE, SIMULATED
from speciosa.core.symbol import Expression, number, symbol, walk
from speciosa.core.wiring import CLOCK, Model
from speciosa.evidence.load import Evidence
from speciosa.view.export.clock import DAY, HOURS_PER_DAY, START, clock
from speciosa.view.export.mathml import MathMl, quantity
from speciosa.view.export.reading import LEAVES, ParameterLine, Reading, read
from speciosa.view.export.sbml_units import UnitDefinitions
from speciosa.view.export.source import Told, told

LEVEL = {
    "xmlns": "http://www.sbml.org/sbml/level3/version2/core",
    "level": "3",
    "version": "2",
    "xmlns:sbml": "http://www.sbml.org/sbml/level3/version2/core",
}
XHTML = "http://www.w3.org/1999/xhtml"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
BIOLOGY = "http://biomodels.net/biology-qualifiers/"
CHOICES = {"where", "min", "max"}
Change = tuple[str, float, str]  # (name, amount, gain parameter), or (name, value, "") to set it


def sbml(
    model: Model | Reading,
    values: Mapping[str, float],
    *,
    evidence: Evidence | None = None,
    name: str = "speciosa",
    start_clock_hour: float = 8.0,
    events: Sequence[tuple[float, Sequence[Change]]] = (),
) -> str:
    """Return a wired model as an SBML Level 3 Version 2 document.

    Args:
        model: the wired model, or its reading.
        values: value of every parameter, start and held input, by the names of the reading
            (:func:`speciosa.view.export.people.values`); what is missing is 0.
        evidence: where parameters have their sources from; none are told without it.
        name: id of the model.
        start_clock_hour: clock hour of time zero.
        events: (hours, changes), as :func:`speciosa.view.export.record.changes` gives them.

    Example:
        >>> from speciosa.models.opioid import cut_down, opioid
        >>> small = cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"])
        >>> '<parameter id="melatonin_plasma"' in sbml(small, {})
        True
    """
    reading = model if isinstance(model, Reading) else read(model)
    return _Document(reading, values, evidence, start_clock_hour).text(name, events)


class _Document:
    def __init__(
        self,
        reading: Reading,
        values: Mapping[str, float],
        evidence: Evidence | None,
        start_clock_hour: float,
    ) -> None:
        self.reading, self.values, self.evidence = reading, values, evidence
        self.start_clock_hour = start_clock_hour
        self.definitions = UnitDefinitions()
        self.math = MathMl(self.definitions)
        self.assigned = {*CLOCK, *(line.name for line in reading.lines)}
        self.functions: dict[str, tuple[tuple[str, ...], Expression, str]] = {}

    def text(self, name: str, events: Sequence[tuple[float, Sequence[Change]]]) -> str:
        hour = self.definitions.id("h")
        parameters, rules = self._parameters(), self._rules()
        functions = self._functions()
        happening = self._events(events)
        root = Xml.Element("sbml", LEVEL)
        model = Xml.SubElement(
            root, "model", id=name, metaid=name, timeUnits=hour, name=f"{name}, {SIMULATED}"
        )
        model.append(_notes([f"{SIMULATED.capitalize()}. {INTENDED_USE}", "Time is in hours."]))
        model.append(functions)
        model.append(self.definitions.element())
        model.append(parameters)
        model.append(rules)
        if events:
            model.append(happening)
        Xml.indent(root)
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{Xml.tostring(root, "unicode")}\n'

    def _parameters(self) -> Xml.Element:
        listed = Xml.Element("listOfParameters")
        for parameter in self.reading.parameters:
            made = self._parameter(listed, parameter.name, parameter.unit, constant=True)
            self._describe(made, parameter)
        for held in self.reading.inputs:
            made = self._parameter(listed, held.name, held.unit)
            made.append(
                _notes([f'Held by the decision "{held.decision}" until it is asked again.'])
            )
        for state in self.reading.states:
            value = self.values.get(state.start, 0.0)
            self._parameter(listed, state.name, state.unit, value)
        if self.reading.clock:
            self._parameter(listed, START, "h", self.start_clock_hour, constant=True)
            self._parameter(listed, DAY, "h", HOURS_PER_DAY, constant=True)
        for name in self.reading.clock:
            self._parameter(listed, name, CLOCK[name], float("nan"))
        for line in self.reading.lines:
            self._parameter(listed, line.name, line.unit, float("nan"))
        return listed

    def _parameter(
        self,
        listed: Xml.Element,
        name: str,
        unit: str,
        value: float | None = None,
        *,
        constant: bool = False,
    ) -> Xml.Element:
        known = self.values.get(name, 0.0) if value is None else value
        made = Xml.SubElement(listed, "parameter", id=name, metaid=f"meta_{name}")
        if known == known:  # what a rule gives has no value of its own
            made.set("value", repr(float(known)))
        made.set("units", self.definitions.id(unit))
        made.set("constant", "true" if constant else "false")
        return made

    def _describe(self, made: Xml.Element, parameter: ParameterLine) -> None:
        found: Told = told(parameter, self.evidence)
        made.append(_notes(found.lines))
        if found.doi:
            made.append(_described_by(made.get("metaid", ""), found.doi))

    def _rules(self) -> Xml.Element:
        listed = Xml.Element("listOfRules")
        for name in self.reading.clock:
            self._rule(listed, "assignmentRule", name, clock(name, "time"), "h")
        for line in self.reading.lines:
            self._rule(listed, "assignmentRule", line.name, line.expression, line.unit)
        for state in self.reading.states:
            self._rule(listed, "rateRule", state.name, state.rate, _per_hour(state.unit))
        return listed

    def _rule(self, listed: Xml.Element, kind: str, name: str, node: Expression, unit: str) -> None:
        rule = Xml.SubElement(listed, kind, variable=name)
        if self._read_twice(node):
            arguments = tuple(sorted({n.args[0] for n in walk(node) if n.op == "symbol"}))
            function = f"{'rate_of' if kind == 'rateRule' else 'value_of'}_{name}"
            self.functions[function] = arguments, node, unit
            rule.append(self.math.call(function, arguments))
            return
        rule.append(self.math.math(node, unit))

    def _read_twice(self, node: Expression) -> bool:
        """Return whether an equation reads another assignment twice, or chooses.

        Some solvers write every assignment out where it is read; a function reads it once.
        """
        nodes = walk(node)
        if any(each.op in CHOICES for each in nodes):
            return True
        paths: Counter[int] = Counter({id(node): 1})
        for each in reversed(nodes):
            for operand in each.args if each.op not in LEAVES else ():
                paths[id(operand)] += paths[id(each)]
        read: Counter[str] = Counter()
        for each in nodes:
            if each.op == "symbol":
                read[each.args[0]] += paths[id(each)]
        return any(times > 1 and name in self.assigned for name, times in read.items())

    def _functions(self) -> Xml.Element:
        listed = Xml.Element("listOfFunctionDefinitions")
        for name, (arguments, node, unit) in self.functions.items():
            made = Xml.SubElement(listed, "functionDefinition", id=name)
            made.append(self.math.function(arguments, node, unit))
        return listed

    def _events(self, events: Sequence[tuple[float, Sequence[Change]]]) -> Xml.Element:
        listed = Xml.Element("listOfEvents")
        units = self.reading.units
        for hours, changes in events:
            event = Xml.SubElement(listed, "event", useValuesFromTriggerTime="true")
            trigger = Xml.SubElement(event, "trigger", initialValue="false", persistent="true")
            reached = Expression("ge", (symbol("time", "h"), quantity(hours, "h")))
            trigger.append(self.math.math(reached))
            given = Xml.SubElement(event, "listOfEventAssignments")
            for name, expression in _assignments(changes, units).items():
                one = Xml.SubElement(given, "eventAssignment", variable=name)
                one.append(self.math.math(expression, units[name]))
        return listed


def _assignments(changes: Sequence[Change], units: Mapping[str, str]) -> dict[str, Expression]:
    """Return name -> new value; several doses into one state add up."""
    found: dict[str, Expression] = {}
    for name, amount, gain in changes:
        if not gain:
            found[name] = number(amount)
            continue
        dose = quantity(amount, "nmol") * symbol(gain, units[gain])
        found[name] = found.get(name, symbol(name, units[name])) + dose
    return found


def _per_hour(unit: str) -> str:
    return "1/h" if unit == "1" else f"({unit})/h"


def _notes(lines: Sequence[str]) -> Xml.Element:
    notes = Xml.Element("notes")
    body = Xml.SubElement(notes, "body", xmlns=XHTML)
    for line in lines:
        Xml.SubElement(body, "p").text = line
    return notes


def _described_by(metaid: str, doi: str) -> Xml.Element:
    """Return the MIRIAM annotation that names the publication a value is described by."""
    annotation = Xml.Element("annotation")
    rdf = Xml.SubElement(annotation, "rdf:RDF", {"xmlns:rdf": RDF, "xmlns:bqbiol": BIOLOGY})
    description = Xml.SubElement(rdf, "rdf:Description", {"rdf:about": f"#{metaid}"})
    bag = Xml.SubElement(Xml.SubElement(description, "bqbiol:isDescribedBy"), "rdf:Bag")
    Xml.SubElement(bag, "rdf:li", {"rdf:resource": f"https://identifiers.org/doi:{doi}"})
    return annotation
