"""The reference: the front door's names and the commands, from their own docstrings and options."""

from __future__ import annotations

import inspect
from html import escape
from typing import Any

from speciosa.view.book.markdown import page, prose, table

PLAIN = ("__version__",)


def reference_pages(front: Any, commands: Any) -> dict[str, str]:
    """Return path -> text of the reference.

    Args:
        front: the module whose ``__all__`` is documented.
        commands: the Typer application.
    """
    return {"reference/python.md": _python(front), "reference/commands.md": _commands(commands)}


def _python(front: Any) -> str:
    blocks = ["Everything that `import speciosa` offers, from the code's own words. What takes "
              "numbers of people refuses fewer than 20."]  # fmt: skip
    for name in sorted(front.__all__, key=str.lower):
        if name not in PLAIN:
            blocks.append(_thing(name, getattr(front, name)))
    return page("Python reference", *blocks)


def _thing(name: str, thing: Any) -> str:
    lines = [f"## {name}", _signature(name, thing), prose(_told(thing))]
    if inspect.isclass(thing):
        for own, member in vars(thing).items():
            if own.startswith("_") or not _told(member):
                continue
            kind = "property" if isinstance(member, property) else ""
            function = member.__func__ if isinstance(member, classmethod) else member
            shown = "" if kind else _signature(f"{name}.{own}", function)
            lines += [f"### {name}.{own}", shown, prose(_told(member))]
    return "\n\n".join(line for line in lines if line)


def _signature(name: str, thing: Any) -> str:
    try:
        signature = inspect.signature(thing)
    except (TypeError, ValueError):
        return ""
    given, starred = [], False
    for each in signature.parameters.values():
        if each.name in ("self", "cls"):
            continue
        if each.kind is each.KEYWORD_ONLY and not starred:
            given.append("*")
            starred = True
        typed = f": {_type(each.annotation)}" if each.annotation is not each.empty else ""
        given.append(f"{each.name}{typed}{_default(each)}")
    back = signature.return_annotation
    returned = "" if back in (signature.empty, None, "None") else f" -> {_type(back)}"
    text = f"{name}({', '.join(given)}){returned}"
    return f'<pre class="signature"><code>{escape(text)}</code></pre>'


def _type(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", "")


def _default(each: inspect.Parameter) -> str:
    if each.default is each.empty:
        return ""
    return " = …" if callable(each.default) or len(repr(each.default)) > 40 else (
        f" = {each.default!r}"
    )  # fmt: skip


def _told(thing: Any) -> str:
    if not (inspect.isclass(thing) or inspect.isroutine(thing) or isinstance(thing, property)):
        return ""
    return inspect.getdoc(thing) or ""


def _commands(commands: Any) -> str:
    import typer

    group = typer.main.get_command(commands)
    context = typer.Context(group, info_name="speciosa")
    blocks = ["Every command, from its own help. `--json` prints one object and nothing else."]
    for name in group.list_commands(context):  # type: ignore[attr-defined]
        command = group.get_command(context, name)  # type: ignore[attr-defined]
        if command.hidden:
            continue
        rows = []
        for each in command.params:
            if each.name == "help":
                continue
            argument = each.param_type_name == "argument"
            words = each.name.upper() if argument else ", ".join(each.opts)
            usual = "" if each.default in (None, False, "") else str(each.default)
            rows.append([f"<code>{escape(words)}</code>", escape(getattr(each, "help", "") or ""),
                         escape(usual)])  # fmt: skip
        blocks += [
            f"## speciosa {name}",
            prose(command.help or ""),
            table(("Argument", "What it does", "If left out"), rows),
        ]
    return page("Commands", *blocks)
