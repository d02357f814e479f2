"""A first look: the run's own first worlds and people, and only for the study it was made for."""

from __future__ import annotations

import numpy as np

from speciosa.evidence.load import Evidence
from speciosa.trial.look import DRAWS, WIDTH, Look
from speciosa.trial.recruited import recruited
from speciosa.trial.run import prepared
from speciosa.trial.study import FEWEST_PEOPLE, Study


def test_the_people_of_a_look_are_the_first_of_the_whole_run(
    study: Study, evidence: Evidence
) -> None:
    look = Look(study, evidence)
    cohort = look.people.cohort
    assert cohort.draw.size == DRAWS * FEWEST_PEOPLE <= 2 * WIDTH
    every = np.arange(3 * study.people)
    whole = recruited(
        prepared(study, evidence), evidence, every // study.people, every % study.people
    ).cohort
    for draw in range(DRAWS):
        mine, theirs = cohort.draw == draw, (whole.draw == draw) & (whole.person < FEWEST_PEOPLE)
        for name, row in cohort.covariates.items():
            if np.ndim(row):
                np.testing.assert_array_equal(row[mine], whole.covariates[name][theirs], name)


def test_a_look_serves_its_own_study_in_any_size(study: Study, evidence: Evidence) -> None:
    look = Look(study, evidence)
    assert look.serves(study)
    assert look.serves(study.resized(draws=50, people=30))
    assert not look.serves(study.resized(seed=study.seed + 1))
