"""What the remedies do beside what they are for: the heart, the liver, and melatonin's nuisances.

    block = C/(C + IC50), margin = IC50/C     unbound alkaloids at the hERG channel
    injury = rate F(days of kratom)           F log-logistic around the latency of the cases seen
    adverse = baseline ratio^(melatonin)      drowsiness, headache, dizziness

None of them feeds back on anything. How often kratom injures a liver is not known: the rate is an
assumption with a range of four hundredfold. Abnormal rhythm is not predicted: only how far the
unbound concentration stays from what blocks the channel in cells.

Covariates: none.

Sources: Tay 2016 and 2019, Lu 2014 (hERG), Navarro 2019 (latency), Menczel Schrire 2022
(melatonin);
records under ``cardiac.*``, ``liver.*`` and ``melatonin.adverse_*``.
"""

from __future__ import annotations

from typing import Any

from speciosa.core.stage import Parameter, Row, Rows, Stage


def _cardiac(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """The share of channels that unbound alkaloids block, and how far they are from half."""
    beside = p["others_potency"] * p["others_unbound"] * p["others_ratio"]
    unbound = (p["unbound"] + beside) * xp.maximum(s["mitragynine_plasma"], 0.0)
    return {
        "herg_block": unbound / (unbound + p["half"]),
        "herg_margin": p["half"] / (unbound + p["least"]),
    }


CARDIAC = Stage(
    name="cardiac",
    needs={"mitragynine_plasma": "nM"},
    gives={"herg_block": "1", "herg_margin": "1"},
    outputs=_cardiac,
    direct=("mitragynine_plasma",),
    parameters={
        "half": Parameter("cardiac.herg_constant", "nM"),
        "least": Parameter("cardiac.least_concentration", "nM"),
        "unbound": Parameter("mitragynine.unbound_fraction", "1"),
        "others_potency": Parameter("cardiac.others_potency", "1"),
        "others_unbound": Parameter("other_alkaloids.unbound_fraction", "1"),
        "others_ratio": Parameter("other_alkaloids.plasma_ratio", "1"),
    },
)


def _liver(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """People per 1000 whose liver is injured by so many days of kratom."""
    ratio = xp.maximum(s["kratom_days"], 0.0) / p["latency"]
    raised = ratio ** p["slope"]
    return {"liver_injury": p["rate"] * raised / (1 + raised)}


LIVER = Stage(
    name="liver",
    needs={"kratom_days": "d"},
    gives={"liver_injury": "1"},
    outputs=_liver,
    direct=("kratom_days",),
    parameters={
        "rate": Parameter("liver.rate", "1"),
        "latency": Parameter("liver.latency", "d"),
        "slope": Parameter("liver.latency_slope", "1"),
    },
)


def _adverse(xp: Any, x: Rows, s: Rows, p: Rows) -> dict[str, Row]:
    """Share of people with drowsiness, headache or dizziness; melatonin is 1 or 0."""
    share = p["baseline"] * (1 + (p["ratio"] - 1) * s["melatonin_given"])
    return {"melatonin_adverse": xp.minimum(share, 1.0)}


MELATONIN_ADVERSE = Stage(
    name="melatonin_adverse",
    needs={"melatonin_given": "1"},
    gives={"melatonin_adverse": "1"},
    outputs=_adverse,
    direct=("melatonin_given",),
    parameters={
        "baseline": Parameter("melatonin.adverse_baseline", "1"),
        "ratio": Parameter("melatonin.adverse_ratio", "1"),
    },
)

SIDE_EFFECTS = (CARDIAC, LIVER, MELATONIN_ADVERSE)
