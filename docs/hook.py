"""What mkdocs asks while it builds the book: generated pages, their place, and filled marks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

SOURCE = str(Path(__file__).resolve().parents[1] / "src")


def on_config(config: Any) -> Any:
    """Put the generated pages where the navigation says ``GENERATED``."""
    if SOURCE not in sys.path:  # here, because mkdocs takes back what a hook adds while it loads
        sys.path.insert(0, SOURCE)
    from speciosa.view.book.pages import navigation

    place = config["nav"].index("GENERATED")
    config["nav"][place : place + 1] = navigation()
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages to those written by hand."""
    from mkdocs.structure.files import File

    import speciosa
    from speciosa.cli import app
    from speciosa.view.book.pages import generated

    for path, text in generated(speciosa, app).items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the marks in a page."""
    from speciosa.view.book.pages import filled

    return filled(markdown)
