"""An rxode2 model: equations, starts and parameters, with doses and held inputs as records."""

from __future__ import annotations

from speciosa.view.export.clock import clock
from speciosa.view.export.infix import RXODE, infix
from speciosa.view.export.parts import Parts

FILE = "model.rxode2"


def rxode2(parts: Parts) -> str:
    """Return the model in rxode2's mini-language.

    Compartments are numbered in the order of the ``d/dt`` lines; parameters and held inputs are
    names that the data give, so none is assigned here.

    Example:
        >>> from speciosa.models.opioid import cut_down, opioid
        >>> from speciosa.view.export.reading import read
        >>> small = read(cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"]))
        >>> "d/dt(clock_phase) = " in rxode2(Parts(small, {}))
        True
    """
    reading = parts.reading
    lines = parts.head("#")
    lines += [f"# {n}: {told} ({unit})" for n, _, unit, told in parts.constants()]
    lines += [f"locf({one.name})" for one in reading.inputs]
    lines += [f"{s.name}(0) = {s.start}" for s in reading.states]
    lines += [f"{name} = {value!r}" for name, value in parts.clock_constants()]
    lines += [f"{n} = {infix(clock(n, 't'), RXODE)}" for n in reading.clock]
    lines += [f"{line.name} = {infix(line.expression, RXODE)}" for line in reading.lines]
    lines += [f"d/dt({s.name}) = {infix(s.rate, RXODE)}" for s in reading.states]
    return "\n".join(lines) + "\n"


def script() -> str:
    """Return the R script that runs the model on the people and events beside it."""
    return f"""library(rxode2)
model <- rxode2(filename = "{FILE}", modName = "speciosa", wd = tempdir())
people <- read.csv("people.csv")
names(people)[names(people) == "ID"] <- "id"
for (file in Sys.glob("events-*.csv")) {{
  events <- read.csv(file)
  found <- rxSolve(model, params = people, events = events, covsInterpolation = "locf",
                   addDosing = FALSE, rtol = 1e-8, atol = 1e-8, maxsteps = 100000)
  write.csv(as.data.frame(found), sub("events", "simulated", file), row.names = FALSE)
}}
"""
