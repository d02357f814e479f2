"""Pieces of the generated pages: anchors, links, tables, and docstrings as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

_SECTION = re.compile(r"^(Args|Returns|Raises|Yields):\s*$")
_ROLE = re.compile(r":(?:mod|func|class|data|attr|meth):`~?(?:speciosa\.)?([^`]+)`")


def anchor(word: str) -> str:
    """Return the anchor of a record, a source or a result.

    >>> anchor("X:BOT week 4")
    'x-bot-week-4'
    """
    return re.sub(r"[^a-z0-9_.-]+", "-", word.lower()).strip("-")


def link(target: str, text: str) -> str:
    """Return an HTML link."""
    return f'<a href="{escape(target)}">{escape(text)}</a>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> str:
    """Return an HTML table; cells are HTML, columns named in ``right`` are right-aligned.

    Args:
        head: titles of the columns.
        rows: cells; a row may begin with ``id=...`` as its anchor.
        right: numbers of the columns of numbers.
    """
    far = set(right)

    def cell(place: int, text: str, tag: str) -> str:
        style = ' class="n"' if place in far else ""
        return f"<{tag}{style}>{text}</{tag}>"

    lines = ['<div class="wide"><table class="rows">', "<thead><tr>"]
    lines += [cell(i, text, "th") for i, text in enumerate(head)]
    lines.append("</tr></thead><tbody>")
    for row in rows:
        own = row[0].startswith("id=") if row else False
        opening = f'<tr id="{escape(row[0][3:])}">' if own else "<tr>"
        cells = row[1:] if own else row
        lines.append(
            opening + "".join(cell(i, text, "td") for i, text in enumerate(cells)) + "</tr>"
        )
    lines.append("</tbody></table></div>")
    return "\n".join(lines)


def prose(docstring: str) -> str:
    """Return a docstring as Markdown: indented blocks stay as they are, sections become lists.

    >>> print(prose("Return it.\\n\\nArgs:\\n    x: what is given.\\n        and more."))
    Return it.
    <BLANKLINE>
    **Args**
    <BLANKLINE>
    - `x`: what is given. and more.
    """
    lines, made, section = docstring.strip().splitlines(), [], ""
    for line in lines:
        plain = _ROLE.sub(lambda m: f"`{m[1]}`", line).rstrip().replace("``", "`")
        found = _SECTION.match(plain)
        if found:
            section = found[1]
            made += [f"**{section}**", ""]
        elif plain.startswith("Example"):
            section = ""
        elif section and (entry := re.match(r"^ {4}([\w*, ]+): (.+)$", plain)):
            made.append(f"- `{entry[1]}`: {entry[2]}")
        elif section and plain.startswith("        ") and made:
            made[-1] += " " + plain.strip()
        elif section and plain.startswith("    "):
            made.append(plain.strip())
        else:
            section = section if not plain or plain.startswith(" ") else ""
            made.append(plain)
    return "\n".join(made).strip()


def page(title: str, *blocks: str) -> str:
    """Return a page of Markdown and HTML blocks."""
    return "\n\n".join((f"# {title}", *(block for block in blocks if block))) + "\n"
