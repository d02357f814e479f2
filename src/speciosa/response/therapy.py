"""Psychosocial treatment where it acts: the odds of use, and the disturbance of sleep.

    care_log_odds    = (sum over arms)(1 - overlap min(1, drug/reference))
    care_sleep_share = min(1, sum over arms)

Everybody is in one arm; the others' treatments are 0 for them. With an opioid agonist in force the
default overlap is 1: psychosocial treatment added to an agonist has shown no effect (hazard ratio
1.0). With a drug against relapse to drinking the two are additive (0) to sub-additive (1).

Covariates: none. Records ``care.*``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from speciosa.care.therapy import LOG_ODDS, SLEEP_SHARE
from speciosa.core.stage import Decision, Parameter, Row, Rows, Stage

AGONIST = "care.agonist_overlap", "care.agonist_signal"
RELAPSE_DRUG = "care.relapse_drug_overlap", "care.relapse_drug_reference"


def treatments(decisions: Iterable[Decision]) -> tuple[str, ...]:
    """Return the quantities in which a study's decisions hold psychosocial treatment.

    Example:
        >>> treatments(())
        ()
    """
    return tuple(
        quantity
        for decision in decisions
        for quantity in decision.gives
        if quantity.startswith((f"{LOG_ODDS}_", f"{SLEEP_SHARE}_"))
    )


def therapy(
    quantities: Iterable[str],
    drug: str | None = "mu_signal_prescribed",
    records: tuple[str, str] = AGONIST,
) -> Stage:
    """Return the stage that adds treatments up.

    Args:
        quantities: what :func:`treatments` found; none gives a stage of zeros.
        drug: the quantity of a drug that overlaps with them; None for none.
        records: of the overlap and of the level of ``drug`` at which it is full.

    Example:
        >>> therapy(["care_log_odds_cbt", "care_sleep_share_cbt"]).direct[-1]
        'mu_signal_prescribed'
    """
    on_use = tuple(q for q in quantities if q.startswith(LOG_ODDS))
    on_sleep = tuple(q for q in quantities if q.startswith(SLEEP_SHARE))
    drug = drug if on_use else None

    def outputs(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
        odds: Row = sum((s[q] for q in on_use), 0.0)
        if drug is not None:
            covered = xp.minimum(xp.maximum(s[drug], 0.0) / p["reference"], 1.0)
            odds = odds * (1 - p["overlap"] * covered)
        share = xp.minimum(sum((s[q] for q in on_sleep), 0.0), 1.0)
        return {LOG_ODDS: odds, SLEEP_SHARE: share}

    names = (*on_use, *on_sleep, *((drug,) if drug is not None else ()))
    overlap, reference = records
    return Stage(
        name="therapy",
        needs=dict.fromkeys(names, "1"),
        gives={LOG_ODDS: "1", SLEEP_SHARE: "1"},
        outputs=outputs,
        direct=names,
        parameters={}
        if drug is None
        else {"overlap": Parameter(overlap, "1"), "reference": Parameter(reference, "1")},
    )
