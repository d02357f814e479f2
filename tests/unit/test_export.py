"""Every shipped study's model is written in every format; SBML holds, units included."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import mrgsolve_text
import road_runner
from mrgsolve_text import MrgsolveText
from rxode_text import RxodeText
from speciosa.core.errors import InputError
from speciosa.core.evaluate import evaluate
from speciosa.core.symbol import SYMBOLS, number, simplified, symbol
from speciosa.core.wiring import wire
from speciosa.models.opioid import cut_down, opioid
from speciosa.view.export.antimony import antimony, sbml_of
from speciosa.view.export.folder import WRITERS, Source, export_study, exported, source_of
from speciosa.view.export.infix import RXODE, C, R, infix
from speciosa.view.export.people import one
from speciosa.view.export.petab import Measurement, petab
from speciosa.view.export.reading import Reading, read
from speciosa.view.export.sbml import sbml
from speciosa.view.export.units import Units
from toy import toy_model

STUDIES = sorted(
    path.stem
    for path in (Path(__file__).resolve().parents[2] / "src" / "speciosa" / "studies").glob(
        "*.toml"
    )
)


@pytest.fixture(scope="module")
def sources() -> dict[str, Source]:
    return {}


def source(sources: dict[str, Source], study: str) -> Source:
    if study not in sources:
        sources[study] = source_of(study)
    return sources[study]


def complaints(document: str) -> list[str]:
    libsbml = pytest.importorskip("libsbml")
    found = libsbml.readSBMLFromString(document)
    found.setConsistencyChecks(libsbml.LIBSBML_CAT_UNITS_CONSISTENCY, True)
    found.checkConsistency()
    log = found.getErrorLog()
    return [log.getError(i).getMessage() for i in range(log.getNumErrors())]


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("to", sorted(WRITERS))
def test_every_study_in_every_format(study: str, to: str, sources: dict[str, Source]) -> None:
    if to == "antimony":
        pytest.importorskip("antimony")
    files = exported(source(sources, study), to, 0)
    assert len(files) >= 2
    assert all("simulated, not observed" in text for n, text in files.items() if n != "run.R")
    if to == "sbml":
        assert complaints(files["model.xml"]) == []
    if to == "latex":
        assert balanced(files["model.tex"])
    if to == "graph":
        ElementTree.fromstring(files["stages.svg"])
    model = next(text for name, text in files.items() if name.startswith(("model", "stages")))
    assert "nan" not in re.findall(r"\b(?:nan|inf)\b", model)


def rates(reading: Reading, values: dict[str, float], hours: float) -> list[float]:
    """The reading's own rates, each line worked out in its order."""
    clock = {"hours": hours, "clock_hour": (8.0 + hours) % 24.0}
    known = {**values, **clock}
    for line in reading.lines:
        known[line.name] = float(evaluate(line.expression, known))
    return [float(evaluate(state.rate, known)) for state in reading.states]


def somewhere(reading: Reading, known: dict[str, float], seed: int) -> dict[str, float]:
    """States about where they begin, none of them nothing."""
    spread = np.random.default_rng(seed).uniform(0.5, 1.5, len(reading.states))
    return {
        state.name: (known[state.start] + 0.01 * state.scale) * by
        for state, by in zip(reading.states, spread, strict=True)
    }


@pytest.mark.parametrize("study", STUDIES)
def test_rxode2_reads_it_and_says_the_same(study: str, sources: dict[str, Source]) -> None:
    found = source(sources, study)
    reading = read(found.model)
    text = RxodeText(exported(found, "rxode2", 0)["model.rxode2"])
    assert text.states == [state.name for state in reading.states]
    assert text.starts == {state.name: state.start for state in reading.states}
    assert text.held == [one.name for one in reading.inputs]
    person = one(found.people(reading, 1), 0)
    for seed, hours in enumerate((0.4, 15.3, 40.2)):
        now = person | somewhere(reading, person, seed)
        theirs = text.rates(now, hours)
        assert list(theirs.values()) == pytest.approx(rates(reading, now, hours), rel=1e-9)


@pytest.mark.skipif(not mrgsolve_text.here(), reason="there is no C++ compiler")
@pytest.mark.parametrize(
    "study",
    [s if s == "acute-overdose" else pytest.param(s, marks=pytest.mark.slow) for s in STUDIES],
)
def test_mrgsolve_s_blocks_compile_and_say_the_same(
    study: str, sources: dict[str, Source], tmp_path: Path
) -> None:
    found = source(sources, study)
    reading = read(found.model)
    made = MrgsolveText(exported(found, "mrgsolve", 0)["model.cpp"], tmp_path)
    assert made.states == [state.name for state in reading.states]
    assert set(made.captured) == {line.name for line in reading.quantities}
    person = one(found.people(reading, 1), 0)
    assert made.starts(person).tolist() == [person[state.start] for state in reading.states]
    for seed, hours in enumerate((0.4, 15.3, 40.2)):
        now = somewhere(reading, person, seed)
        theirs = made.rates(person, np.array(list(now.values())), hours)
        assert theirs.tolist() == pytest.approx(rates(reading, person | now, hours), rel=1e-9)


@pytest.mark.parametrize(
    "text",
    ["d/dt(x) = sinh(x)", "rate = 3.0", "y = x\nx = 1.0", "d/dt(x) = (x", "d/dt(x) = x[1]"],
)
def test_what_rxode2_would_not_read_is_seen(text: str) -> None:
    with pytest.raises(SyntaxError):
        RxodeText(text)


def balanced(text: str) -> bool:
    """Whether braces, delimiters and environments of a LaTeX text are closed in order."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("%"))
    opened: list[str] = []
    for word in re.findall(r"\\(?:begin|end)\{\w+\*?\}|\\(?:left|right)\b|\\[{}]|[{}]", body):
        if word in ("\\{", "\\}"):
            continue
        if word in ("{", "\\left") or word.startswith("\\begin"):
            opened.append(word.replace("begin", "end"))
            continue
        wanted = {"}": "{", "\\right": "\\left"}.get(word, word)
        if not opened or opened.pop() != wanted:
            return False
    return not opened


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no LaTeX")
@pytest.mark.parametrize("study", STUDIES)
def test_latex_compiles_and_fits_its_page(
    study: str, sources: dict[str, Source], tmp_path: Path
) -> None:
    text = exported(source(sources, study), "latex", 0)["model.tex"]
    (tmp_path / "model.tex").write_text(text)
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "model.tex"],
        cwd=tmp_path, capture_output=True, check=False,
    )  # fmt: skip
    said = done.stdout.decode(errors="replace")
    assert done.returncode == 0, said[-2000:]
    over = [float(each) for each in re.findall(r"Overfull .hbox \(([0-9.]+)pt", said)]
    assert max(over, default=0.0) < 57.0  # the margin, 2 cm


def test_the_balance_check_can_fail() -> None:
    assert balanced(r"\begin{cases} \left( \frac{a}{b} \right) \end{cases}")
    assert not balanced(r"\left( \frac{a}{b \right)")
    assert not balanced(r"\begin{cases} a")


def test_the_unit_check_can_fail() -> None:
    small = read(cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"]))
    document = sbml(small, {})
    assert complaints(document) == []
    wrong = re.sub(r'(<parameter id="melatonin_plasma"[^>]*units=")[^"]+', r"\1hour", document)
    assert wrong != document
    assert any("units" in line for line in complaints(wrong))


def test_sources_and_units_travel() -> None:
    found = source_of("combination-opioid")
    document = exported(found, "sbml", 0)["model.xml"]
    assert "https://identifiers.org/doi:10." in document
    assert "grade" in document
    root = ElementTree.fromstring(document)
    core = {"s": "http://www.sbml.org/sbml/level3/version2/core"}
    parameters = root.findall(".//s:parameter", core)
    assert len(parameters) > 300
    assert all(parameter.get("units") for parameter in parameters)


def test_the_reading_gives_what_the_functions_give() -> None:
    model = toy_model()
    reading = read(model)
    values = {"drug_ka": 1.3, "drug_k": 0.2, "drug_V": 20.0, "drug_growth": 0.7}
    values |= {"drug_amount": 3.0, "drug_stock": 0.4, "drug_depot": 5.0}
    rates = {s.own: evaluate(s.rate, values) for s in reading.states}
    assert rates["amount"] == pytest.approx(1.3 * 5 - 0.2 * 3)
    assert rates["stock"] == pytest.approx(0.7 * 0.4 * 0.6)
    assert rates["depot"] == pytest.approx(-1.3 * 5)
    assert reading.entries["drug_oral"] == (("drug_depot", "drug_F"),)


def test_a_reserved_name_is_not_used() -> None:
    from speciosa.core.stage import Stage

    made = wire([Stage("unit", {}, {"lux": "lux"}, lambda xp, x, s, p: {"lux": 3.0})])
    assert [line.name for line in read(made).lines] == ["lux_quantity"]


def test_expressions_in_three_languages() -> None:
    k, x = symbol("k"), symbol("x")
    choice = SYMBOLS.where(x > 0, SYMBOLS.maximum(x, 0.0) ** k, -x)
    assert infix(choice, C) == "((x > 0.0) ? pow(std::max(x, 0.0), k) : (-x))"
    assert infix(choice, R) == "(if ((x > 0.0)) (max(x, 0.0))^(k) else (-x))"
    assert infix(choice, RXODE) == "ifelse((x > 0.0), (max(x, 0.0))^(k), (-x))"
    assert evaluate(choice, {"k": 2.0, "x": 3.0}) == 9.0


def test_equal_parts_become_one() -> None:
    x = symbol("x")
    left, right = simplified((x + 1.0) * 2.0, (x + 1.0) * 3.0)
    assert left.args[0] is right.args[0]
    assert simplified(0.0 + x)[0] is x
    assert simplified(number(2.0) * 3.0)[0].args == (6.0,)


def test_units_of_expressions() -> None:
    amount, volume, rate = symbol("a", "nmol"), symbol("v", "L"), symbol("k", "1/h")
    units = Units()
    assert units.text(amount / volume / symbol("c", "nM")) == "1"
    assert units.of(0.0 + rate * amount).dimensionality == units.of(amount * rate).dimensionality


@pytest.mark.skipif(not road_runner.here(), reason="libRoadRunner is not installed")
def test_a_round_trip_through_antimony_keeps_the_simulation() -> None:
    pytest.importorskip("antimony")
    model = cut_down(opioid(["mitragynine_oral"]), ["hydroxymitragynine_plasma"])
    reading = read(model)
    given = {parameter.name: 0.5 for parameter in reading.parameters}
    document = sbml(reading, given | {state.start: state.scale / 10 for state in reading.states})
    states = [state.name for state in reading.states]
    again = sbml_of(antimony(document))
    assert complaints(again) == []
    first, second = (
        road_runner.replayed(text, states, [road_runner.Job()], range(25), relative=1e-7)[0]
        for text in (document, again)
    )
    scale = np.abs(first).max(axis=0) + 1e-6
    assert np.ptp(first, axis=0).max() > 1.0
    assert np.max(np.abs(first - second) / scale) < 1e-4


def test_an_unknown_format_and_a_foreign_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='Did you mean "sbml"'):
        export_study("combination-opioid", "smbl")
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        export_study("combination-opioid", "graph", people=0, out=tmp_path)


def test_a_calibration_problem_names_what_the_model_has(sources: dict[str, Source]) -> None:
    study = source(sources, "combination-opioid")
    seen = [Measurement("melatonin_plasma", 2.0, 1.4), Measurement("cows", 5.0, 9.0)]
    noise = {"melatonin_plasma": 0.2, "cows": 2.0}
    files = petab(
        study, estimated=["melatonin.intrinsic_clearance"], measurements=seen, noise=noise
    )
    tables = {
        name: [line.split("\t") for line in text.splitlines()]
        for name, text in files.items()
        if name.endswith(".tsv")
    }
    document = ElementTree.fromstring(files["model.xml"])
    ids = {element.get("id") for element in document.iter()}
    assert {row[0] for row in tables["parameters.tsv"][1:]} <= ids
    assert {row[1] for row in tables["observables.tsv"][1:]} <= ids
    low, high, value = (float(cell) for cell in tables["parameters.tsv"][1][2:5])
    assert low < value < high
    assert {r[0] for r in tables["measurements.tsv"][1:]} == {
        r[0] for r in tables["observables.tsv"][1:]
    }
    with pytest.raises(InputError, match="no equation reads"):
        petab(study, estimated=["melatonin.nothing"], measurements=seen, noise=noise)
    with pytest.raises(InputError, match='no noise for "cows"'):
        petab(study, estimated=[], measurements=seen, noise={"melatonin_plasma": 0.2})
