"""The bias of each method when 40 % leave, and who leaves has to do with how they fare.

One very large trial per way of leaving, so that bias is bias and not chance. Treatment lowers the
score; whoever leaves loses it. ``python tests/dropout.py`` prints the table of docs/statistics.md.
"""

from __future__ import annotations

import numpy as np

from speciosa.verdict.ancova import ancova
from speciosa.verdict.estimate import Estimate
from speciosa.verdict.imputation import ASSUMPTIONS, impute
from speciosa.verdict.repeated import fitted, repeated_measures

PEOPLE, VISITS = 40_000, 4
EFFECT = np.array([1.0, 2.0, 3.0, 3.0])  # points by which treatment lowers each visit
LEAVING = {
    "on what was seen": 0,  # the chance to leave rests on the last score written down
    "on what was not seen": 1,  # ... on the score that would have come next
}
SHARE = 0.4


def trial(ahead: int, seed: int = 8) -> dict[str, np.ndarray]:
    """Return a trial in which 40 % leave before the last visit.

    Args:
        ahead: 0 where leaving rests on the last score seen, 1 where on the next.
        seed: of the people.
    """
    rng = np.random.default_rng(seed)
    arm = np.arange(PEOPLE) % 2
    severity = rng.normal(12, 3, PEOPLE)
    baseline = severity + rng.normal(0, 2, PEOPLE)
    drift = rng.normal(0, 1.5, (PEOPLE, VISITS)).cumsum(axis=1)
    untreated = severity[:, None] - np.arange(1, VISITS + 1) + drift
    noise = rng.normal(0, 1.5, (PEOPLE, VISITS))
    stayed = untreated - arm[:, None] * EFFECT
    u = rng.random((PEOPLE, VISITS))
    low, high = 0.0, 3.0
    for _ in range(40):  # the level at which the stated share leaves
        level = (low + high) / 2
        gone = _gone(stayed + noise, u, ahead, level)
        low, high = (level, high) if gone[:, -1].mean() < SHARE else (low, level)
    path = np.where(gone, untreated, stayed)
    return {
        "arm": arm, "baseline": baseline - 12, "gone": gone, "path": path + noise,
        "stayed": stayed + noise, "seen": np.where(gone, np.nan, path + noise),
    }  # fmt: skip


def _gone(score: np.ndarray, u: np.ndarray, ahead: int, level: float) -> np.ndarray:
    gone = np.zeros(score.shape, dtype=bool)
    for visit in range(1, VISITS):
        chance = level * 0.2 / (1 + np.exp(-(score[:, visit - 1 + ahead] - 10) / 1.5))
        gone[:, visit] = gone[:, visit - 1] | (u[:, visit] < chance)
    return gone


def estimates(data: dict[str, np.ndarray]) -> dict[str, Estimate]:
    """Return what each method estimates."""
    arm, baseline, seen = data["arm"], data["baseline"], data["seen"]
    covariates = baseline[:, None]
    fit, _ = fitted(seen, arm, covariates, arms=2)
    found = {
        "ANCOVA, everybody followed": ancova(data["path"][:, -1], arm, baseline),
        "ANCOVA, completers only": ancova(seen[:, -1], arm, baseline),
        "MMRM": repeated_measures(seen, arm, baseline),
    }
    for assumption in ASSUMPTIONS[1:]:
        completed = impute(seen, arm, covariates, fit, assumption)
        found[assumption.capitalize()] = ancova(completed[:, -1], arm, baseline)
    return found


def truths(data: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the true difference at the last visit under both estimands."""
    lost = np.where(data["gone"][:, -1], 0.0, -EFFECT[-1])
    return {"treatment policy": float(lost[data["arm"] == 1].mean()), "hypothetical": -EFFECT[-1]}


def table() -> list[str]:
    """Return the rows of the table in the documentation."""
    rows = []
    for name, ahead in LEAVING.items():
        data = trial(ahead)
        truth = truths(data)
        for method, found in estimates(data).items():
            bias = [found.value - truth[e] for e in ("treatment policy", "hypothetical")]
            rows.append(f"| {name} | {method} | {bias[0]:+.2f} | {bias[1]:+.2f} |")
    return rows


if __name__ == "__main__":
    print("\n".join(table()))
