"""What ships: units that exist, roles that agree with results, claims that can be run."""

from __future__ import annotations

import re

import pytest

from speciosa.care.regimen import parse_regimens
from speciosa.core.units import convert, dimension
from speciosa.evidence.load import FOLDER, load_evidence
from speciosa.evidence.results import FRACTION, PHARMACOKINETIC, accepted, passes

CLAIMED = (
    "kratom_melatonin_synthesis", "kratom_withdrawal", "melatonin_withdrawal", "kratom_craving",
    "melatonin_craving", "synergy", "kratom_mood", "melatonin_stress",
)  # fmt: skip


@pytest.fixture(scope="module")
def evidence():
    return load_evidence()


def test_every_unit_of_a_record_is_a_unit(evidence):
    for number in evidence.numbers.values():
        assert dimension(number.unit), number.id


def test_every_unit_of_a_result_and_an_instrument_is_a_unit(evidence):
    wanted = {"half_life": "h", "tmax": "h", "peak_day": "d"}
    for result in evidence.results.values():
        assert dimension(result.unit) == dimension(wanted.get(result.metric, result.unit)), (
            result.id
        )
        if result.quantification_limit:
            assert dimension(result.quantification_limit[1]), result.id
        if result.kind == FRACTION:
            assert convert(1.0, result.unit, "1") == 1.0, result.id
    for instrument in evidence.instruments.values():
        assert dimension(instrument.unit), instrument.id


def test_roles_and_results_agree(evidence):
    roles = evidence.roles
    for role in ("calibration", "validation"):
        listed = getattr(roles, role)
        assert len(listed) == len(set(listed))
        assert set(listed) == {r.id for r in evidence.results.values() if r.role == role}
    assert roles.date == "2026-11-22"
    assert "before the first comparison" in roles.statement


def test_there_are_enough_results_and_none_to_validate_by_is_from_memory(evidence):
    assert len(evidence.results) >= 60
    assert {r.verified for r in evidence.results.values()} <= {"yes", "derived"}
    kinds = {r.kind for r in evidence.results.values() if r.role == "validation"}
    assert len(kinds) == 3


def test_every_regimen_of_a_result_and_a_claim_can_be_read(evidence):
    results = [r for r in evidence.results.values() if r.file != "experiments.toml"]
    regimens = {r.regimen for r in results}
    regimens |= {r.reference_regimen for r in results} - {""}
    regimens |= {text for claim in evidence.claims.values() for text in claim.regimens.values()}
    for text in sorted(regimens):
        assert parse_regimens(text), text


def test_every_published_centre_passes_and_its_triple_fails(evidence):
    for result in evidence.results.values():
        assert passes(result, result.value), result.id
        low, high = accepted(result)
        assert low < high, result.id
        if result.kind == PHARMACOKINETIC and result.high is None:
            assert not passes(result, 3 * result.value), result.id


def test_everything_printed_for_the_tea_is_calibration(evidence):
    tea = [r for r in evidence.results.values() if r.source == "tanna2022"]
    assert len(tea) == 8
    assert {r.role for r in tea} == {"calibration"}


def test_claimed_edges_are_null_and_symmetric_where_nothing_supports_them(evidence):
    assert load_evidence(overlay="evidence").digest == evidence.digest
    for name in CLAIMED:
        number = evidence.number(f"claimed.{name}")
        assert (number.value, number.grade) == (0.0, "E")
        assert number.spread.low == -number.spread.high < 0


def test_the_article_set_turns_the_claims_on_and_touches_nothing_else(evidence):
    article = load_evidence(overlay="article")
    changed = {k for k, n in article.numbers.items() if n != evidence.numbers[k]}
    assert {f"claimed.{name}" for name in CLAIMED} <= changed
    assert all(k.startswith("claimed.") or k == "sleep.gain_slope" for k in changed)
    for name in changed:
        number = article.number(name)
        assert (number.source, number.grade, number.spread) == ("article", "E", None)
    for name in set(CLAIMED) - {"melatonin_craving"}:
        assert article.number(f"claimed.{name}").value > 0


def test_the_article_is_secondary_and_has_no_link(evidence):
    source = evidence.source("article")
    assert source.kind == "secondary"
    assert source.doi == ""
    for path in FOLDER.rglob("*.toml"):
        if path.name != "help_lines.toml":
            assert not re.search(r"https?://|www\.", path.read_text()), path.name


def test_the_headline_and_its_comparator(evidence):
    headline = [c for c in evidence.claims.values() if c.headline]
    assert [c.id for c in headline] == ["combination_eases_withdrawal"]
    standard = {
        "opioid": {"lofexidine", "buprenorphine"}, "alcohol": {"benzodiazepine_naltrexone"},
    }  # fmt: skip
    for claim in evidence.claims.values():
        assert claim.comparator in standard[claim.disorder], claim.id
        assert "overdose" in (*claim.harms, claim.endpoint), claim.id
        instrument = evidence.instruments[claim.endpoint]
        assert claim.threshold == instrument.difference, claim.id


@pytest.mark.parametrize(
    "name, difference, better",
    [
        ("cows", 4, "lower"), ("sows_gossop", 2, "lower"), ("craving", 1, "lower"),
        ("ciwa_ar", 3, "lower"), ("psqi", 3, "lower"), ("total_sleep_time", 30, "higher"),
        ("sleep_onset_latency", 10, "lower"), ("retention", 0.10, "higher"),
    ],
)  # fmt: skip
def test_smallest_meaningful_differences(evidence, name, difference, better):
    instrument = evidence.instruments[name]
    assert (instrument.difference, instrument.better) == (difference, better)


@pytest.mark.parametrize(
    "score, band",
    [(4, "none"), (5, "mild"), (12, "mild"), (13, "moderate"), (24, "moderate"),
     (25, "moderately severe"), (36, "moderately severe"), (37, "severe"), (48, "severe")],
)  # fmt: skip
def test_bands_of_withdrawal(evidence, score, band):
    assert evidence.instruments["cows"].band(score) == band
