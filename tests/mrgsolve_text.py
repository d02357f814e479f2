"""An mrgsolve file made into C++ as mrgsolve makes it, compiled, and called.

Parameters, compartments and their rates become macros on arrays, ``double x =`` in a block becomes
a variable of the file, and each block a function. The words that mrgsolve keeps are refused.
"""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import numpy as np

COMMENTS = ("//", "##")
DECLARED = re.compile(r"\b(double|int|bool|capture)\s+(\w+)\s*=")
WORDS = (
    "ID amt cmt ii ss evid addl rate time SOLVERTIME table ETA EPS AMT CMT TIME EVID simeps self "
    "simeta NEWIND DONE CFONSTOP DXDTZERO INITSOLV SETINIT report VARS II SS ADDL RATE double int "
    "bool capture pred_CL pred_VC pred_V pred_V2 pred_KA pred_Q pred_VP pred_V3 THETA"
)
KEPT = frozenset(WORDS.split())
Doubles = ctypes.POINTER(ctypes.c_double)


def here() -> bool:
    """Whether there is a C++ compiler."""
    return shutil.which("g++") is not None


class MrgsolveText:
    """A compiled file: ``parameters`` with their values, ``states`` in order, :meth:`rates`."""

    def __init__(self, text: str, folder: Path) -> None:
        blocks = _blocks(text)
        self.parameters = {n: float(v) for n, v in _annotated(blocks["PARAM"]).items()}
        self.states = list(_annotated(blocks["CMT"], values=False))
        code = {name: "\n".join(blocks[name]) for name in ("MAIN", "ODE", "TABLE")}
        declared = [found[1] for part in code.values() for found in DECLARED.findall(part)]
        code = {name: DECLARED.sub(r"\2 =", part) for name, part in code.items()}
        self.captured = " ".join(blocks["CAPTURE"]).split()
        names = [*self.parameters, *self.states, *declared]
        made = [f"{kind}{s}" for s in self.states for kind in ("dxdt_", "F_", "R_", "D_", "ALAG_")]
        made += [f"{state}_0" for state in self.states]
        clash = KEPT & set(names) | set(made) & set(names)
        clash |= {name for name in names if names.count(name) > 1}
        if clash or not set(self.captured) <= set(declared):
            raise SyntaxError(f"kept, twice or unknown: {sorted(clash)}")
        source = [
            "#include <cmath>", "#include <algorithm>", "#include <vector>",
            "static struct { double time; } self;",
            "#define TIME self.time", "#define SOLVERTIME _ODETIME_[0]",
            *(f"static double {name};" for name in declared),
            *(f"#define {name} _THETA_[{i}]" for i, name in enumerate(self.parameters)),
            *(f"#define {name} _A_[{i}]" for i, name in enumerate(self.states)),
            *(f"#define {name}_0 _A_0_[{i}]" for i, name in enumerate(self.states)),
            *(f"#define dxdt_{name} _DADT_[{i}]" for i, name in enumerate(self.states)),
            'extern "C" void starts(const double* _THETA_, double* _A_0_) {', code["MAIN"], "}",
            'extern "C" void rates(const double* _ODETIME_, const double* _THETA_,'
            " const double* _A_, double* _DADT_) {", code["ODE"], "}",
            'extern "C" void table(double time, const double* _THETA_, const double* _A_) {',
            "self.time = time;", code["TABLE"], "}",
        ]  # fmt: skip
        (folder / "model_made.cpp").write_text("\n".join(source))
        library = folder / "model_made.so"
        subprocess.run(
            ["g++", "-std=gnu++14", "-fPIC", "-shared", "-o", str(library),
             str(folder / "model_made.cpp")],
            check=True, capture_output=True,
        )  # fmt: skip
        self.library = ctypes.CDLL(str(library))

    def starts(self, values: Mapping[str, float]) -> np.ndarray:
        """Return where every state begins."""
        theta, found = self._theta(values), np.full(len(self.states), np.nan)
        self.library.starts(_at(theta), _at(found))
        return found

    def rates(self, values: Mapping[str, float], states: np.ndarray, hours: float) -> np.ndarray:
        """Return dxdt of every compartment."""
        theta, found = self._theta(values), np.full(len(self.states), np.nan)
        now = np.array([hours])
        self.library.rates(_at(now), _at(theta), _at(np.ascontiguousarray(states)), _at(found))
        return found

    def _theta(self, values: Mapping[str, float]) -> np.ndarray:
        return np.array([values.get(n, value) for n, value in self.parameters.items()])


def _at(row: np.ndarray) -> ctypes._Pointer[ctypes.c_double]:
    return row.ctypes.data_as(Doubles)


def _blocks(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    now: list[str] = []
    for line in text.splitlines():
        for mark in COMMENTS:
            line = line.split(mark)[0]
        head = re.match(r"\s*\$([A-Za-z]\w*)", line)
        if head:
            now = found.setdefault(head[1], [])
            line = line[head.end() :]
        if line.strip():
            now.append(line.strip())
    return found


def _annotated(lines: list[str], values: bool = True) -> dict[str, str]:
    if lines[0] != "@annotated":
        raise SyntaxError(lines[0])
    found = {}
    for line in lines[1:]:
        name, rest = (part.strip() for part in line.split(":", 1))
        found[name] = rest.split(":", 1)[0].strip() if values else rest
    if len(found) < len(lines) - 1:
        raise SyntaxError("a name stands twice")
    return found
