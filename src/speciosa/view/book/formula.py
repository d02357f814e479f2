"""Expressions as presentation MathML, which browsers show by themselves.

The trees come from the symbol tracer, so what is shown is what runs. Parts that several equations
share get a name of their own and stand first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape

from speciosa.core.symbol import Expression, lift, simplified, walk

LEAVES = ("symbol", "number")
FEWEST_NODES = 7  # a part that is used twice gets a name from this size on
WIDE = 20  # symbols and numbers from which a sum is broken into lines
FAR = 40  # nodes from which a numerator or denominator gets a name
NAMES = {"exp": "exp", "log": "ln", "sin": "sin", "cos": "cos", "tanh": "tanh",
         "min": "min", "max": "max"}  # fmt: skip
SIGNS = {
    "add": "+",
    "sub": "−",
    "lt": "<",
    "le": "≤",
    "gt": ">",
    "ge": "≥",
    "and": "and",
    "or": "or",
}
LOOSE = ("add", "sub", "neg", "lt", "le", "gt", "ge", "and", "or")


def shared(
    equations: Mapping[str, object],
) -> tuple[list[tuple[str, Expression]], dict[str, Expression]]:
    """Return the shared parts by name, and the equations in terms of them.

    Args:
        equations: name -> expression or plain number.

    Example:
        >>> from speciosa.core.symbol import symbol
        >>> x, k = symbol("x"), symbol("k")
        >>> part = (x + k) / (x - k)
        >>> parts, left = shared({"a": part * x, "b": part * k})
        >>> [name for name, _ in parts], left["a"].args[0].args
        (['part_1'], ('part_1',))
    """
    roots = simplified(*(lift(value) for value in equations.values()))
    uses: Counter[int] = Counter(id(root) for root in roots)
    nodes = walk(*roots)
    size: dict[int, int] = {}
    for node in nodes:
        operands = () if node.op in LEAVES else node.args
        size[id(node)] = 1 + sum(size[id(each)] for each in operands)
        uses.update(id(each) for each in operands)
    # a wide numerator or denominator pushes the other out of sight: it gets a name too
    wide = {id(each) for node in nodes if node.op == "div" for each in node.args}
    made: dict[int, Expression] = {}
    parts: list[tuple[str, Expression]] = []
    for node in nodes:
        if node.op in LEAVES:
            made[id(node)] = node
            continue
        new = Expression(node.op, tuple(made[id(each)] for each in node.args), node.unit)
        often = uses[id(node)] > 1 and size[id(node)] >= FEWEST_NODES
        if often or (id(node) in wide and size[id(node)] >= FAR):
            name = f"part_{len(parts) + 1}"
            parts.append((name, new))
            new = Expression("symbol", (name,), node.unit)
        made[id(node)] = new
    return parts, {n: made[id(root)] for n, root in zip(equations, roots, strict=True)}


def equation(left: str, right: Expression) -> str:
    """Return ``left = right`` as a block of MathML.

    Args:
        left: MathML of the left-hand side, as :func:`name` or :func:`change` returns it.
        right: the expression.

    Example:
        >>> from speciosa.core.symbol import symbol
        >>> equation(name("rate"), symbol("k")).startswith('<math display="block">')
        True
    """
    return f'<math display="block"><mrow>{left}<mo>=</mo>{_broken(right)}</mrow></math>'


def inline(word: str) -> str:
    """Return a name as MathML within a line of text."""
    return f"<math>{name(word)}</math>"


def name(word: str) -> str:
    """Return a name as MathML: what follows the first underscore stands below.

    >>> name("k")
    '<mi>k</mi>'
    >>> name("gut_share")
    '<msub><mi>gut</mi><mtext>share</mtext></msub>'
    """
    first, _, rest = word.partition("_")
    head = f"<mi>{escape(first)}</mi>"
    return f"<msub>{head}<mtext>{escape(rest.replace('_', ' '))}</mtext></msub>" if rest else head


def change(word: str) -> str:
    """Return the rate of change of a name as MathML."""
    return f"<mfrac><mrow><mi>d</mi>{name(word)}</mrow><mrow><mi>d</mi><mi>t</mi></mrow></mfrac>"


def math(node: Expression) -> str:
    """Return an expression as the inside of MathML.

    >>> from speciosa.core.symbol import symbol
    >>> math(symbol("a") / 2.0)
    '<mfrac><mi>a</mi><mn>2</mn></mfrac>'
    """
    if node.op == "symbol":
        return name(node.args[0])
    if node.op == "number":
        return _number(node.args[0])
    if node.op in ("div", "pow", "sqrt", "floor", "where"):
        return _shaped(node)
    if node.op in NAMES:
        inside = "<mo>,</mo>".join(math(each) for each in node.args)
        return f"<mrow><mi>{NAMES[node.op]}</mi><mo>&#x2061;</mo>{_held(inside)}</mrow>"
    if node.op == "neg":
        return f"<mrow><mo>−</mo>{_tight(node.args[0])}</mrow>"
    if node.op == "mul":
        first, second = (_tight(each) for each in node.args)
        sign = "<mo>·</mo>" if node.args[1].op == "number" else "<mo>&#x2062;</mo>"
        return f"<mrow>{first}{sign}<mspace width='0.15em'></mspace>{second}</mrow>"
    first, second = node.args
    right = _tight(second) if node.op == "sub" else math(second)
    return f"<mrow>{math(first)}<mo>{escape(SIGNS[node.op])}</mo>{right}</mrow>"


def _number(value: float) -> str:
    mantissa, _, power = f"{value:.6g}".replace("-", "−").partition("e")
    if not power:
        return f"<mn>{mantissa}</mn>"
    ten = f"<msup><mn>10</mn><mn>{power.replace('+', '').lstrip('0')}</mn></msup>"
    return ten if mantissa == "1" else f"<mrow><mn>{mantissa}</mn><mo>·</mo>{ten}</mrow>"


def _shaped(node: Expression) -> str:
    parts = [math(each) for each in node.args]
    if node.op == "div":
        return f"<mfrac>{parts[0]}{parts[1]}</mfrac>"
    if node.op == "sqrt":
        return f"<msqrt>{parts[0]}</msqrt>"
    if node.op == "floor":
        return f"<mrow><mo>⌊</mo>{parts[0]}<mo>⌋</mo></mrow>"
    if node.op == "pow":
        plain = node.args[0].op == "number" or (
            node.args[0].op == "symbol" and "_" not in node.args[0].args[0]
        )
        return f"<msup>{parts[0] if plain else _held(parts[0])}{parts[1]}</msup>"
    condition, then, other = parts
    rows = (
        f"<mtr><mtd>{then}</mtd><mtd><mtext>if&#xa0;</mtext>{condition}</mtd></mtr>"
        f"<mtr><mtd>{other}</mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
    )
    return (
        f"<mrow><mo stretchy='true' form='prefix'>{{</mo>"
        f"<mtable columnalign='left'>{rows}</mtable></mrow>"
    )


def _tight(node: Expression) -> str:
    negative = node.op == "number" and node.args[0] < 0
    return _held(math(node)) if node.op in LOOSE or negative else math(node)


def _held(inside: str) -> str:
    return f"<mrow><mo>(</mo>{inside}<mo>)</mo></mrow>"


def _broken(node: Expression) -> str:
    """Return an expression, a long sum as one line for each term."""
    terms = _terms(node)
    if len(terms) < 2 or _leaves(node) < WIDE:
        return math(node)
    rows = []
    for place, (sign, term) in enumerate(terms):
        shown = _tight(term) if sign == "−" else math(term)
        before = "" if place == 0 and sign == "+" else f"<mo form='infix'>{sign}</mo>"
        rows.append(f"<mtr><mtd><mrow>{before}{shown}</mrow></mtd></mtr>")
    return f"<mtable displaystyle='true'>{''.join(rows)}</mtable>"


def _terms(node: Expression) -> list[tuple[str, Expression]]:
    if node.op == "add":
        return _terms(node.args[0]) + _terms(node.args[1])
    if node.op == "sub":
        return [*_terms(node.args[0]), ("−", node.args[1])]
    return [("+", node)]


def _leaves(node: Expression) -> int:
    return 1 if node.op in LEAVES else sum(_leaves(each) for each in node.args)
