"""The equations as a LaTeX document, with a table of symbols, values, units and sources."""

from __future__ import annotations

import re

from speciosa.core.symbol import Expression
from speciosa.view.export.clock import clock
from speciosa.view.export.parts import Parts

FILE = "model.tex"
FUNCTIONS = {
    "exp": r"\exp",
    "log": r"\ln",
    "sin": r"\sin",
    "cos": r"\cos",
    "tanh": r"\tanh",
    "min": r"\min",
    "max": r"\max",
}
COMPARISONS = {"lt": "<", "le": r"\le", "gt": ">", "ge": r"\ge", "and": r"\land", "or": r"\lor"}
TIGHT = ("symbol", "number", "exp", "log", "sin", "cos", "tanh", "min", "max", "div", "sqrt")
SPECIAL = {c: rf"\{c}" for c in "&%$#_{}"} | {"~": r"\textasciitilde{}", "^": r"\^{}"}


def latex(parts: Parts) -> str:
    """Return the model as a LaTeX document.

    Example:
        >>> from speciosa.models.opioid import cut_down, opioid
        >>> from speciosa.view.export.reading import read
        >>> small = read(cut_down(opioid(["melatonin_oral"]), ["melatonin_plasma"]))
        >>> latex(Parts(small, {})).startswith("% speciosa")
        True
    """
    reading = parts.reading
    lines = [
        *parts.head("%"),
        r"\documentclass{article}",
        r"\usepackage{amsmath,breqn,array,longtable,geometry}",
        r"\geometry{a3paper,landscape,margin=2cm}",  # the widest equations ask for it
        r"\begin{document}",
        rf"\section*{{{_text(parts.name)}}}",
        _text(parts.head("")[0].strip()) + r"\par",
        _text(parts.head("")[1].strip()),
    ]
    stages = dict.fromkeys([s.stage for s in reading.states] + [q.stage for q in reading.lines])
    if reading.clock:
        lines.append(r"\subsection*{clock}")
        lines += [_equation(_name(n), _math(clock(n, "t"))) for n in reading.clock]
    for stage in stages:
        lines.append(rf"\subsection*{{{_text(stage.replace('_', ' '))}}}")
        lines += [
            _equation(_name(line.name), _math(line.expression))
            for line in reading.lines
            if line.stage == stage
        ]
        lines += [
            _equation(rf"\frac{{d\,{_name(s.name)}}}{{dt}}", _math(s.rate))
            for s in reading.states
            if s.stage == stage
        ]
    wide = r">{\raggedright\arraybackslash}"
    lines += [
        r"\subsection*{Symbols}",
        rf"\begin{{longtable}}{{{wide}p{{9cm}}rl{wide}p{{20cm}}}}",
    ]
    lines += [
        rf"{_text(n)} & {v:.6g} & {_text(unit)} & {_text(told)} \\"
        for n, v, unit, told in parts.constants()
    ]
    lines += [r"\end{longtable}", r"\end{document}", ""]
    return "\n".join(lines)


def _equation(left: str, right: str) -> str:
    return f"\\begin{{dmath*}}\n  {left} = {right}\n\\end{{dmath*}}"


def _name(name: str) -> str:
    first, _, rest = name.partition("_")
    below = rest.replace("_", r",\,")
    return rf"\mathit{{{first}}}_{{\mathrm{{{below}}}}}" if rest else rf"\mathit{{{first}}}"


def _math(node: Expression) -> str:
    if node.op == "symbol":
        return _name(node.args[0]) if node.args[0] != "t" else "t"
    if node.op == "number":
        return re.sub(r"e([+-]?)0*(\d+)$", r"\\cdot 10^{\1\2}", f"{node.args[0]:.15g}")
    parts = [_math(operand) for operand in node.args]
    held = [
        part if operand.op in TIGHT else rf"\left({part}\right)"
        for part, operand in zip(parts, node.args, strict=True)
    ]
    if node.op == "add":
        return f"{parts[0]} + {parts[1]}"
    if node.op == "sub":
        return f"{parts[0]} - {held[1]}"
    if node.op == "mul":
        return rf"{held[0]}\,{held[1]}"
    if node.op == "div":
        return rf"\frac{{{parts[0]}}}{{{parts[1]}}}"
    if node.op == "pow":
        return rf"{{{held[0]}}}^{{{parts[1]}}}"
    if node.op == "neg":
        return f"-{held[0]}"
    if node.op == "sqrt":
        return rf"\sqrt{{{parts[0]}}}"
    if node.op == "floor":
        return rf"\left\lfloor {parts[0]} \right\rfloor"
    if node.op == "where":
        condition, then, otherwise = parts
        rows = rf"{then} & {condition} \\ {otherwise} & \text{{otherwise}}"
        return rf"\begin{{cases}} {rows} \end{{cases}}"
    if node.op in COMPARISONS:
        return f"{parts[0]} {COMPARISONS[node.op]} {parts[1]}"
    return rf"{FUNCTIONS[node.op]}\left({', '.join(parts)}\right)"


def _text(text: str) -> str:
    return "".join(SPECIAL.get(character, character) for character in text)
