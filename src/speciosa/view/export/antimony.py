"""Antimony, by the library that defines it, from the SBML document."""

from __future__ import annotations

from typing import Any

from speciosa.core.errors import SpeciosaError

EXTRA = "Install it with: pip install speciosa[exchange]"


def antimony(document: str) -> str:
    """Return an SBML document as Antimony.

    Raises:
        SpeciosaError: the antimony package is not there, or cannot read the document.
    """
    library = _library()
    library.clearPreviousLoads()
    if library.loadSBMLString(document) < 0:
        raise SpeciosaError(f"Antimony cannot read it: {library.getLastError()}", "export")
    return str(library.getAntimonyString(library.getMainModuleName()))


def sbml_of(text: str) -> str:
    """Return an Antimony model as SBML."""
    library = _library()
    library.clearPreviousLoads()
    if library.loadAntimonyString(text) < 0:
        raise SpeciosaError(f"Antimony cannot read it: {library.getLastError()}", "export")
    return str(library.getSBMLString(library.getMainModuleName()))


def _library() -> Any:
    try:
        import antimony as library
    except ImportError as error:
        raise SpeciosaError('the package "antimony" is missing', "export", EXTRA) from error
    return library
