"""R's deSolve on the exported model gives what the engine gives; without R the test is skipped."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from default_trial import CLOSELY, Clinic
from speciosa.view.export.desolve import FILE, desolve, script
from speciosa.view.export.parts import Parts
from speciosa.view.export.people import one, values
from speciosa.view.export.reading import read
from speciosa.view.export.record import record
from speciosa.view.export.tables import event_table, people_table

DAYS, PEOPLE = 2, (1, 2)


def has_desolve() -> bool:
    if shutil.which("Rscript") is None:
        return False
    asked = ["Rscript", "-e", 'quit(status = !requireNamespace("deSolve", quietly = TRUE))']
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not has_desolve(), reason="R WITH deSolve IS NOT INSTALLED: export unchecked")
def test_desolve_agrees(clinic: Clinic, tmp_path: Path) -> None:
    people, model = clinic.recruit(range(CLOSELY)), clinic.plan.model
    outcome = clinic.solve("both", people, days=DAYS)
    reading = read(model)
    table = values(reading, model, people.parameters, CLOSELY, people.start)
    run = record(reading, outcome.trace, CLOSELY)
    (tmp_path / FILE).write_text(desolve(Parts(reading, one(table, 0))))
    (tmp_path / "people.csv").write_text(people_table(table, reading))
    end = 24.0 * DAYS
    (tmp_path / "events.csv").write_text(event_table(reading, table, run, [end]))
    asked = ", ".join(str(person) for person in PEOPLE)
    (tmp_path / "run.R").write_text(
        script()
        + f'for (id in c({asked})) write.csv(replayed(id, "events.csv"),'
        + ' paste0("found-", id, ".csv"), row.names = FALSE)\n'
    )
    done = subprocess.run(
        ["Rscript", "run.R"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for person in PEOPLE:
        rows = list(csv.DictReader(io.StringIO((tmp_path / f"found-{person}.csv").read_text())))
        assert float(rows[-1]["time"]) == end
        for state in reading.states:
            mine = outcome.final[state.stage][state.own][person - 1]
            theirs = float(rows[-1][state.name])
            assert abs(mine - theirs) <= 1e-4 * max(state.scale, abs(mine)), state.name
        assert np.isfinite(float(rows[-1]["cows"]))
