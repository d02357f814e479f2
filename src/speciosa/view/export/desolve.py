"""A deSolve model: an R function of time, states and parameters, and the script that runs it.

Held inputs are states that stand still; an event sets them. Doses are events that add.
"""

from __future__ import annotations

from speciosa.view.export.clock import clock
from speciosa.view.export.infix import R, infix
from speciosa.view.export.parts import Parts

FILE = "model.R"


def desolve(parts: Parts) -> str:
    """Return the model as R code for deSolve.

    Example:
        >>> from speciosa.models.opioid import cut_down, opioid
        >>> from speciosa.view.export.reading import read
        >>> small = read(cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"]))
        >>> "model <- function(t, y, parms)" in desolve(Parts(small, {}))
        True
    """
    reading = parts.reading
    states, inputs = [s.name for s in reading.states], [i.name for i in reading.inputs]
    lines = [*parts.head("#"), f"states <- {_strings(states)}", f"inputs <- {_strings(inputs)}"]
    lines += [f"{name} <- {value!r}" for name, value in parts.clock_constants()]
    lines += [
        "model <- function(t, y, parms) {",
        "  names(y) <- c(states, inputs)",
        "  with(c(as.list(y), parms), {",
    ]
    lines += [f"    {n} <- {infix(clock(n, 't'), R)}" for n in reading.clock]
    lines += [f"    {line.name} <- {infix(line.expression, R)}" for line in reading.lines]
    rates = ",\n      ".join(infix(s.rate, R) for s in reading.states)
    given = ", ".join(f"{line.name} = {line.name}" for line in reading.quantities)
    lines.append(f"    list(c(\n      {rates}, rep(0, length(inputs))), {given})")
    lines += ["  })", "}", ""]
    return "\n".join(lines)


def script() -> str:
    """Return the R script that replays people's events."""
    return f"""library(deSolve)
source("{FILE}")
people <- read.csv("people.csv")
replayed <- function(id, file, until = Inf) {{
  person <- as.list(people[people$ID == id, ])
  rows <- read.csv(file)
  rows <- rows[rows$ID == id & rows$TIME <= until, ]
  start <- unlist(person[paste0(states, "_start")])
  start <- setNames(c(start, unlist(rows[1, inputs])), c(states, inputs))
  doses <- rows[rows$EVID == 1, ]
  held <- rows[rows$EVID != 0 & !duplicated(rows[c("TIME", inputs)]), ]
  set <- do.call(rbind, lapply(inputs, function(name) data.frame(
    var = name, time = held$TIME, value = held[[name]], method = "replace")))
  add <- data.frame(var = states[doses$CMT], time = doses$TIME, value = doses$AMT,
                    method = rep("add", nrow(doses)))
  happening <- rbind(set, add)
  happening <- happening[order(happening$time), ]
  asked <- unique(rows$TIME[rows$EVID == 0])
  times <- sort(unique(c(0, asked, happening$time)))
  found <- as.data.frame(lsoda(start, times, model, person, rtol = 1e-8, atol = 1e-8,
                               events = list(data = happening), maxsteps = 1e5))
  found[found$time %in% asked, ]
}}
"""


def _strings(names: list[str]) -> str:
    return "c(" + ", ".join(f'"{name}"' for name in names) + ")"
