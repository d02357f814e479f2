"""An mrgsolve model file.

Doses come as records (EVID 1) into numbered compartments, already multiplied by the person's gain;
held inputs and light come as data columns, carried forward (``nocb = FALSE``).
"""

from __future__ import annotations

from speciosa.view.export.clock import clock
from speciosa.view.export.infix import C, infix
from speciosa.view.export.parts import Parts, plain

FILE = "model.cpp"


def mrgsolve(parts: Parts) -> str:
    """Return the model as an mrgsolve file.

    The equations stand in ``$ODE`` for the solver and once more in ``$TABLE``, so that what is
    written out belongs to the time of the record and not to the solver's last step.

    Example:
        >>> from speciosa.models.opioid import cut_down, opioid
        >>> from speciosa.view.export.reading import read
        >>> small = read(cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"]))
        >>> "dxdt_clock_phase" in mrgsolve(Parts(small, {}))
        True
    """
    reading = parts.reading
    lines = ["$PROB", *(line.strip() for line in parts.head("")), ""]
    lines += ["$PARAM @annotated"]
    lines += [f"{n} : {v!r} : {plain(told)} ({unit})" for n, v, unit, told in parts.constants()]
    lines += ["", "$CMT @annotated"]
    lines += [f"{s.name} : {plain(s.stage)} ({s.unit})" for s in reading.states]
    lines += ["", "$MAIN"]
    lines += [f"{s.name}_0 = {s.start};" for s in reading.states]
    lines += ["", "$ODE", *_assignments(parts, "SOLVERTIME", "double ")]
    lines += [f"dxdt_{s.name} = {infix(s.rate, C)};" for s in reading.states]
    lines += ["", "$TABLE", *_assignments(parts, "TIME", "")]
    lines += ["", "$CAPTURE", " ".join(line.name for line in reading.quantities), ""]
    return "\n".join(lines)


def _assignments(parts: Parts, time: str, declared: str) -> list[str]:
    found = [f"{declared}{n} = {infix(clock(n, time), C)};" for n in parts.reading.clock]
    return found + [
        f"{declared}{line.name} = {infix(line.expression, C)};" for line in parts.reading.lines
    ]


def script() -> str:
    """Return the R script that runs the file on the people and events beside it."""
    return f"""library(mrgsolve)
model <- mread("{FILE}")
people <- read.csv("people.csv")
for (file in Sys.glob("events-*.csv")) {{
  events <- read.csv(file)
  found <- mrgsim(model, data = events, idata = people, nocb = FALSE, recsort = 3,
                  rtol = 1e-8, atol = 1e-8, maxsteps = 100000)
  write.csv(as.data.frame(found), sub("events", "simulated", file), row.names = FALSE)
}}
"""
