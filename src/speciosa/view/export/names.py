"""Words that some format keeps for itself, so that no exported name is one of them."""

from __future__ import annotations

# fmt: off
RESERVED = frozenset((
    "time", "t", "id", "amt", "evid", "cmt", "rate", "ii", "addl", "ss", "mdv", "dv", "event",
    "events", "unit", "model", "function", "import", "const", "var", "delay", "species",
    "compartment", "reaction", "substance", "volume", "at", "after", "has", "is", "in", "end",
    "pi", "e", "avogadro", "infinity", "nan", "true", "false", "exp", "log", "ln", "log10",
    "sqrt", "sin", "cos", "tan", "tanh", "floor", "ceil", "abs", "min", "max", "pow",
    "piecewise", "lag", "lead", "first", "last", "diff", "self", "theta", "eta", "eps", "int",
    "double", "float", "char", "long", "short", "bool", "if", "else", "for", "while", "do",
    "new", "class", "this", "return", "switch", "case", "default", "using", "namespace",
    "template", "break", "next", "repeat", "null", "inf", "na", "state", "parms", "pars",
))
# fmt: on
