"""What a verdict leans on: the published results on its endpoint, and how many are re-obtained.

Reads the scorecard that ships (:mod:`speciosa.verdict.scorecard` made it, `benchmarks/scorecard.py`
writes it). Where the share that passes is below 70 %, or where nothing published tests the
endpoint, the verdict carries a warning. A warning changes no verdict word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

FILE = "scorecard.json"
ENOUGH = 0.70  # share of the results leaned on that must pass, or the verdict is warned of
VALIDATION = "validation"
ANY = ("healthy", "opioid", "alcohol")


@dataclass(frozen=True)
class Topic:
    """Endpoints that the same published results speak of.

    Args:
        name: as a warning says it.
        endpoints: beginnings of endpoint ids.
        quantities: beginnings of the quantities of published results; empty where there is none.
        populations: in whom they were seen; empty for the population of the verdict.
    """

    name: str
    endpoints: tuple[str, ...]
    quantities: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()


TOPICS = (
    Topic("staying, use and relapse", ("retained", "abstinen", "relapse", "retention", "return"),
          ("in_treatment", "relapsed", "abstinent", "opioid_positive", "opioid_free")),
    Topic("sleep", ("total_sleep_time", "psqi", "sleep"),
          ("total_sleep_time", "psqi", "sleep_onset_latency", "sleep_efficiency"), ANY),
    Topic("alcohol withdrawal", ("ciwa", "seizure", "delirium"),
          ("ciwa", "seizure", "delirium"), ("alcohol",)),
    Topic("opioid withdrawal", ("sows", "cows", "oows", "withdrawal", "precipitated"),
          ("cows", "sows", "oows", "withdrawal_score"), ("opioid",)),
    Topic("mood, stress and function", ("hdrs", "phq9", "gad7", "pss10", "anhedonia", "function"),
          ("hdrs", "phq9", "gad7", "pss10")),
    Topic("pain", ("pain",), ("pain_tolerance",), ANY),
    Topic("overdose", ("overdose", "lowest_ventilation", "ventilation"),
          ("cardiac_arrest",), ("opioid",)),
    Topic("melatonin in blood", ("melatonin",), ("melatonin",), ANY),
    Topic("occupied opioid receptors", ("mu_", "dependence", "adaptation"),
          ("mu_occupancy",), ANY),
    Topic("craving", ("craving",)),
)  # fmt: skip
ROAD = {  # word of a regimen -> what a verdict on it leans on besides its endpoint
    "kratom": (
        Topic("kratom in blood", (), ("mitragynine", "hydroxymitragynine"), ANY),
        Topic("occupied opioid receptors", (), ("mu_occupancy",), ANY),
    ),
    "melatonin": (Topic("melatonin in blood", (), ("melatonin",), ANY),),
}
ROAD["7-OH"] = ROAD["mitragynine"] = ROAD["kratom"]


@cache
def shipped_scorecard() -> dict[str, Any]:
    """Return the scorecard that ships: ``about`` (date, version, hashes), results and summary.

    Example:
        >>> len(shipped_scorecard()["results"]) >= 30
        True
    """
    text = files("speciosa.evidence").joinpath(FILE).read_text(encoding="utf-8")
    return dict(json.loads(text))


def leaned_on(
    endpoint: str, disorder: str, rows: Sequence[Mapping[str, Any]]
) -> tuple[str, list[Mapping[str, Any]]]:
    """Return the topic of an endpoint and the scorecard's rows on it that were run.

    Where some of them were held back for validation, only those count.

    Args:
        endpoint: id of an endpoint.
        disorder: ``opioid`` or ``alcohol``.
        rows: results of a scorecard.

    Example:
        >>> row = {"quantity": "cows", "population": "opioid", "pass": True, "role": "validation"}
        >>> leaned_on("sows_gossop_days_1_7", "opioid", [row])[0]
        'opioid withdrawal'
    """
    topic = next((t for t in TOPICS if endpoint.startswith(t.endpoints)), None)
    if topic is None:
        return endpoint.replace("_", " "), []
    return topic.name, _rows_on(topic, disorder, rows)


def _rows_on(
    topic: Topic, disorder: str, rows: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    if not topic.quantities:
        return []
    among = topic.populations or (disorder,)
    mine = [
        row
        for row in rows
        if row["quantity"].startswith(topic.quantities)
        and row["population"] in among
        and row["pass"] is not None
    ]
    return [row for row in mine if row["role"] == VALIDATION] or mine


def benchmarks(
    endpoint: str, disorder: str, card: Mapping[str, Any], regimens: Sequence[str] = ()
) -> dict[str, Any]:
    """Return how a scorecard does on what a verdict leans on, with the warning if there is one.

    Args:
        endpoint: id of the endpoint.
        disorder: whose verdict it is.
        card: a scorecard.
        regimens: of the arm that is judged; ``road`` says how the scorecard does on its drugs.
    """
    topic, rows = leaned_on(endpoint, disorder, card["results"])
    given = " ".join(regimens)
    road = dict.fromkeys(each for word, topics in ROAD.items() if word in given for each in topics)
    found = _counted(topic, rows)
    found["road"] = [
        _counted(each.name, _rows_on(each, disorder, card["results"]))
        for each in road
        if each.name != topic
    ]
    weak = [each for each in (found, *found["road"]) if each["warning"]]
    short = [
        f"{each['topic']} {each['passed']} of {each['run']}" if each["run"]
        else f"{each['topic']}: no published result"
        for each in weak
    ]  # fmt: skip
    return {
        **found,
        "warning": " ".join(each["warning"] for each in weak),
        "short": "; ".join(short),
    }


def _counted(topic: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    passed = [row["id"] for row in rows if row["pass"]]
    failing = [row["id"] for row in rows if not row["pass"]]
    share = len(passed) / len(rows) if rows else None
    held_back = bool(rows) and all(row["role"] == VALIDATION for row in rows)
    return {
        "topic": topic,
        "run": len(rows),
        "passed": len(passed),
        "share": share,
        "held_back": held_back,
        "failing": failing,
        "warning": _warning(topic, len(rows), len(passed), held_back),
    }


def with_benchmarks(
    document: Mapping[str, Any], card: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a verdict document in which every claim says what benchmarks it leans on.

    Args:
        document: as :func:`speciosa.verdict.document.document` makes it.
        card: a scorecard; the one that ships by default.
    """
    card = shipped_scorecard() if card is None else card
    usual = document["study"].get("disorder", "")
    given = {arm["id"]: arm.get("regimens") or () for arm in document.get("arms") or ()}
    claims = [
        {
            **claim,
            "benchmarks": benchmarks(
                claim["effect"]["endpoint"],
                claim.get("disorder") or usual,
                card,
                given.get(claim["effect"].get("arm"), ()),
            ),
        }
        for claim in document["claims"]
    ]
    own = (document["run"].get("hashes") or {}).get("evidence")
    about = dict(card["about"])
    about["same_evidence"] = own == about["evidence"] if own else None
    return {**document, "claims": claims, "scorecard": {**about, **_shares(card)}}


def _shares(card: Mapping[str, Any]) -> dict[str, Any]:
    counts = card["summary"]["by_role"]
    return {role: {k: each[k] for k in ("passed", "failed")} for role, each in counts.items()}


def _warning(topic: str, run: int, passed: int, held_back: bool) -> str:
    if not run:
        return f"No published result on {topic} stands on the scorecard to test this verdict."
    share = passed / run
    if share >= ENOUGH:
        return ""
    which = "held back to test the model" if held_back else "none of them held back from it"
    return (
        f"Of {run} published results on {topic}, {which}, the model re-obtains {passed} "
        f"({100 * share:.0f} %; below {100 * ENOUGH:.0f} % a verdict is warned of)."
    )
