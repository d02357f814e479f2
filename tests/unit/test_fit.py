"""Data are read strictly, planted numbers are found again, and a study can name what was learnt."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from small_trial import TEXT
from speciosa.core.errors import InputError
from speciosa.evidence.load import Evidence, load_evidence
from speciosa.trial.fit import Fit, Settings, evidence_set, fit, write_evidence_set
from speciosa.trial.individual import is_individual, read_individual
from speciosa.trial.sensitivity import worlds
from speciosa.trial.study import read_study
from speciosa.view.figures.vpc import predictive_check
from speciosa.view.fitted import render_fit

EXAMPLE = Path(__file__).parents[2] / "examples" / "fit" / "lofexidine.csv"
HEAD = "ID,TIME,AMT,EVID,DV,CMT,UNIT\n"
DOSE = "1,0,0.54,1,.,lofexidine_oral,mg\n"
UNITS = {"lofexidine_plasma": "nM"}
SEEN = "".join(f"1,{t},.,0,{v},lofexidine_plasma,nM\n" for t, v in ((1, 3.0), (3, 4.0), (6, 3.0)))
NAMES = ["lofexidine.clearance", "lofexidine.volume", "lofexidine.absorption_rate"]
PLANTED = {NAMES[0]: 15.0, NAMES[1]: 330.0, NAMES[2]: 0.8}


class TestReading:
    def test_the_shipped_example(self, evidence: Evidence) -> None:
        found = read_individual(EXAMPLE, evidence, UNITS)
        assert len(found.ids) == 16
        assert found.values.size == 192
        mass = evidence.number("molecule.lofexidine.molar_mass").value
        assert found.doses["lofexidine_oral"][0] == (0.0, 0, pytest.approx(0.54e6 / mass))

    def test_mass_units_are_converted(self, tmp_path: Path, evidence: Evidence) -> None:
        mass = evidence.number("molecule.lofexidine.molar_mass").value
        file = tmp_path / "a.csv"
        file.write_text(HEAD + DOSE + SEEN.replace(",nM", ",ng/mL"))
        found = read_individual(file, evidence, UNITS)
        assert found.values[0] == pytest.approx(3.0 / mass * 1e3)

    @pytest.mark.parametrize(
        "text, what",
        [
            (HEAD.replace("DV,", "") + DOSE, '"DV" is missing'),
            (HEAD.replace("UNIT", "UNITS") + DOSE, 'unknown column "UNITS"'),
            (HEAD + DOSE + SEEN.replace(",3,.,", ",late,.,"), 'TIME is "late"'),
            (HEAD + DOSE.replace(",1,.,", ",7,.,") + SEEN, 'EVID "7"'),
            (HEAD + DOSE + SEEN.replace("lofexidine_plasma", "lofexidin_plasma"), "no quantity"),
            (HEAD + DOSE + SEEN.replace("3.0", "0"), "observation of 0"),
            (HEAD + SEEN, "0 dose entries"),
            (HEAD + DOSE + SEEN.replace("plasma,nM", "plasma,furlong"), "record 2, UNIT"),
            (HEAD + DOSE + SEEN.replace("nM", "nM,9", 1), "record 2: 1 more fields"),
            (HEAD.replace("UNIT", "CMT") + DOSE + SEEN, '"CMT" stands twice'),
        ],
    )
    def test_what_cannot_be_is_refused(
        self, tmp_path: Path, evidence: Evidence, text: str, what: str
    ) -> None:
        file = tmp_path / "a.csv"
        file.write_text(text)
        with pytest.raises(InputError, match=what):
            read_individual(file, evidence, UNITS)

    @pytest.mark.parametrize("name, cure", [("lofexidin_oral", "lofexidine_oral"), ("1", "Valid")])
    def test_an_unknown_dose_entry_is_told(self, tmp_path: Path, name: str, cure: str) -> None:
        file = tmp_path / "a.csv"
        file.write_text(HEAD + DOSE.replace("lofexidine_oral", name) + SEEN)
        with pytest.raises(InputError, match=f'record 1: no dose entry "{name}".*{cure}'):
            fit(file, NAMES[:1])

    def test_individual_data_are_told_from_summaries(self, tmp_path: Path) -> None:
        other = tmp_path / "b.csv"
        other.write_text("id,regimen,quantity,metric,value,unit\n")
        assert is_individual(EXAMPLE)
        assert not is_individual(other)


class TestRefusals:
    def test_a_record_without_spread_has_no_prior(self) -> None:
        with pytest.raises(InputError, match="no prior"):
            fit(EXAMPLE, ["clonidine.clearance"])

    def test_an_unknown_record(self) -> None:
        with pytest.raises(InputError, match="no record"):
            fit(EXAMPLE, ["lofexidine.clearence"])


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Fit:
    """A short fit of one person."""
    file = tmp_path_factory.mktemp("fit") / "one person.csv"
    file.write_text(HEAD + DOSE + SEEN)
    return fit(file, NAMES[:1], settings=Settings(warmup=60, samples=60, depth=4))


class TestOnePerson:
    def test_prior_and_posterior_stand_side_by_side(self, few: Fit) -> None:
        (learnt,) = few.learnt
        assert learnt.prior[1] == pytest.approx(17.6)
        assert learnt.posterior[0] < learnt.posterior[1] < learnt.posterior[2]
        assert learnt.between is not None
        assert few.check[0]["n"] >= 1

    def test_the_page_shows_the_check_and_the_profile(self, few: Fit) -> None:
        page = render_fit(few.document())
        for word in ("vpc-lofexidine_plasma", f"profile-{NAMES[0]}", "Visual predictive check"):
            assert word in page
        (profile,) = few.profiles
        assert len(profile["values"]) == len(profile["loss"]) == 9
        assert min(profile["loss"]) == 0.0
        figure = predictive_check("lofexidine_plasma", few.check, few.points, "nM")
        dots = [t for t in figure.data if t["mode"] == "markers"]
        assert sum(len(trace["x"]) for trace in dots) == few.observations
        for each in few.check:
            assert all(low <= middle <= high for low, middle, high in each["bands"])

    def test_the_set_that_is_written_can_be_named_by_a_study(
        self, few: Fit, tmp_path: Path
    ) -> None:
        (tmp_path / "mine.toml").write_text(evidence_set(few, load_evidence(), "mine"))
        text = TEXT + '\n[hypotheses]\nevidence_set = "mine.toml"\n'
        study = read_study(tomllib.loads(text), str(tmp_path / "study.toml"), text)
        found = load_evidence(overlay=study.evidence_set)
        number = found.number(NAMES[0])
        assert found.name == "mine"
        assert number.value == pytest.approx(few.learnt[0].posterior[1], rel=1e-5)
        assert number.source == "data_one_person"
        assert number.note.startswith("fitted")
        assert found.source(number.source).kind == "dataset"

    def test_a_study_that_names_the_set_runs_on_it(self, few: Fit, tmp_path: Path) -> None:
        """The worlds of a trial are drawn about what was learnt, not about what ships."""
        (tmp_path / "mine.toml").write_text(evidence_set(few, load_evidence(), "mine"))
        drawn = []
        for line in ("", '\n[hypotheses]\nevidence_set = "mine.toml"\n'):
            text = TEXT + line
            study = read_study(tomllib.loads(text), str(tmp_path / "s.toml"), text)
            table = worlds(study, load_evidence(overlay=study.evidence_set), 200)
            drawn.append(np.log(table[NAMES[0]].to_numpy()))
        learnt, before = few.learnt[0].posterior, few.learnt[0].prior
        assert np.median(drawn[0]) == pytest.approx(np.log(before[1]), abs=0.05)
        assert np.median(drawn[1]) == pytest.approx(np.log(learnt[1]), abs=0.05)
        assert drawn[1].std() != drawn[0].std()

    def test_a_set_that_is_not_there_is_refused(self) -> None:
        text = TEXT + '\n[hypotheses]\nevidence_set = "nowhere.toml"\n'
        with pytest.raises(InputError, match="no evidence set"):
            read_study(tomllib.loads(text), "study.toml", text)

    def test_what_is_not_settled_is_not_written(self, few: Fit, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="not settled"):
            write_evidence_set(few, load_evidence(), tmp_path / "mine.toml")


def test_published_summaries_move_a_number(tmp_path: Path) -> None:
    """A peak and an area a third below what is believed: clearance must rise."""
    file = tmp_path / "published.csv"
    file.write_text(
        "id,population,regimen,quantity,metric,value,low,high,unit,times\n"
        "area,healthy,lofexidine 0.54 mg once,lofexidine_plasma,auc_last,40,36,44,nM*h,"
        "0 1 2 4 8 12 24\n"
    )
    found = fit(file, NAMES[:1], settings=Settings(warmup=100, samples=100, depth=5))
    assert found.learnt[0].posterior[1] > found.learnt[0].prior[1]
    assert found.residual is None
    assert found.profiles[0]["bounded"]  # one area fixes one number
    assert "area" in render_fit(found.document())


@pytest.mark.slow
def test_the_shipped_fit_is_settled_and_finds_what_was_planted(tmp_path: Path) -> None:
    found = fit(EXAMPLE, NAMES)
    assert found.rhat < 1.01
    assert found.ess > 400
    assert found.divergences == 0
    for each in found.learnt:
        low, _, high = np.quantile(found.posterior.draws[each.record], (0.005, 0.5, 0.995))
        assert low < PLANTED[each.record] < high
    assert all(each["inside"] > 0.75 for each in found.check)
    assert write_evidence_set(found, load_evidence(), tmp_path / "fitted.toml").is_file()
