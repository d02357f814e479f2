"""What mkdocs asks while it builds the book: generated pages, their place, and filled marks."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))


def on_config(config: Any) -> Any:
    """Put the generated pages where the navigation says ``GENERATED``."""
    from speciosa.view.book.pages import navigation

    place = config["nav"].index("GENERATED")
    config["nav"][place : place + 1] = navigation()
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the generated pages to those written by hand."""
    from mkdocs.structure.files import File

    import speciosa
    from speciosa.view.book.pages import generated

    for path, text in generated(speciosa).items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the marks in a page."""
    from speciosa.view.book.pages import filled

    return filled(markdown)
