"""The evidence as one immutable value: numbers, sources, published results, claims, instruments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from speciosa.core.errors import InputError, nearest
from speciosa.evidence.claim import Claim, claims_from
from speciosa.evidence.instrument import Instrument, instrument_from
from speciosa.evidence.record import ASSUMED, Number, Source, number_from, source_from, with_value
from speciosa.evidence.results import PublishedResult, result_from
from speciosa.evidence.toml import flat_tables, read_toml, toml_files

FOLDER = Path(__file__).parent
BASE = "evidence"  # the set that the records themselves make


@dataclass(frozen=True)
class Roles:
    """Which published results were used for calibration and which are kept for validation."""

    date: str
    statement: str
    calibration: tuple[str, ...]
    validation: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """Every number and source, under one name.

    Args:
        numbers: id -> :class:`Number`, read-only.
        sources: id -> :class:`Source`, read-only.
        name: name of the evidence set.
        folder: the folder it was read from.
        scores: id -> standard normal score of each draw, laid down by a design instead of drawn
            (:meth:`with_scores`); empty for sampling.
    """

    numbers: Mapping[str, Number]
    sources: Mapping[str, Source]
    name: str = BASE
    folder: Path = FOLDER
    scores: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle as plain tables, so that evidence travels between workers."""
        tables = (dict(self.numbers), dict(self.sources), self.name, self.folder)
        return _rebuilt, (*tables, dict(self.scores))

    def with_scores(self, scores: Mapping[str, Any]) -> Evidence:
        """Return this evidence with scores of some records laid down, one per draw from draw 0.

        Args:
            scores: id -> standard normal scores; 0 is the record's own value.

        Raises:
            InputError: a record that is not there, or that has no spread to move in.

        >>> load_evidence().with_scores({"claimed.synergy": [0.0, 1.0]}).scores["claimed.synergy"]
        (0.0, 1.0)
        """
        for name in scores:
            if self.number(name).spread is None:
                raise InputError(f'"{name}" has no spread', "scores", "Choose a sampled record.")
        laid_down = {name: tuple(map(float, rows)) for name, rows in scores.items()}
        return replace(self, scores=MappingProxyType({**self.scores, **laid_down}))

    def number(self, name: str) -> Number:
        """Return one record.

        Raises:
            InputError: there is none of that id; names the nearest.

        >>> load_evidence().number("claimed.synergy").value
        0.0
        """
        if name not in self.numbers:
            raise InputError(f'no record "{name}"', "evidence", nearest(name, self.numbers))
        return self.numbers[name]

    def source(self, name: str) -> Source:
        """Return one source."""
        if name not in self.sources:
            raise InputError(f'no source "{name}"', "evidence", nearest(name, self.sources))
        return self.sources[name]

    def replace(self, values: Mapping[str, Any], name: str = "") -> Evidence:
        """Return this evidence with other values.

        Args:
            values: id -> a bare number (then fixed), a table of fields, or a :class:`Number`.
            name: name of the new set; by default the old name with a plus.

        >>> load_evidence().replace({"claimed.synergy": 0.2}).number("claimed.synergy").value
        0.2
        """
        changed = {key: with_value(self.number(key), given) for key, given in values.items()}
        for number in changed.values():
            _check_source(number, self.sources)
        numbers = MappingProxyType({**self.numbers, **changed})
        return replace(self, numbers=numbers, name=name or f"{self.name.removesuffix('+')}+")

    @cached_property
    def digest(self) -> str:
        """Return the sha256 of all numbers and sources, independent of file layout and order."""
        content: dict[str, Any] = {
            "numbers": {k: _plain(self.numbers[k]) for k in sorted(self.numbers)},
            "sources": {k: _plain(self.sources[k]) for k in sorted(self.sources)},
        }
        if self.scores:
            content["scores"] = {k: list(self.scores[k]) for k in sorted(self.scores)}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @cached_property
    def results(self) -> Mapping[str, PublishedResult]:
        """Published results by id, read on first use."""
        made: dict[str, PublishedResult] = {}
        for path in toml_files(self.folder / "results"):
            for result in (result_from(t, path.name) for t in _listed(path, "result")):
                _add(made, result.id, result, path.name)
                if result.source:
                    self.source(result.source)
        return MappingProxyType(made)

    @cached_property
    def claims(self) -> Mapping[str, Claim]:
        """Claims by id, read on first use; their edges and endpoints must exist."""
        made: dict[str, Claim] = {}
        for path in toml_files(self.folder / "claims"):
            for claim in self.claims_in(path):
                _add(made, claim.id, claim, path.name)
        return MappingProxyType(made)

    def claims_in(self, path: str | Path) -> tuple[Claim, ...]:
        """Return the claims of one file, anyone's too, checked against the evidence."""
        path = Path(path)
        claims = claims_from(read_toml(path), path.name)
        seen: dict[str, Claim] = {}
        for claim in claims:
            _add(seen, claim.id, claim, path.name)
            self._check_claim(claim)
        return claims

    @cached_property
    def instruments(self) -> Mapping[str, Instrument]:
        """Scales and endpoints by id, read on first use."""
        path = self.folder / "instruments.toml"
        tables = read_toml(path).items() if path.exists() else ()
        made = {name: instrument_from(name, table, path.name) for name, table in tables}
        for instrument in made.values():
            if instrument.source != ASSUMED:
                self.source(instrument.source)
        return MappingProxyType(made)

    @cached_property
    def roles(self) -> Roles:
        """The lists of calibration and validation results, written before any comparison."""
        table = read_toml(self.folder / "roles.toml")
        lists = {key: tuple(table.pop(key, ())) for key in ("calibration", "validation")}
        both = sorted(set(lists["calibration"]) & set(lists["validation"]))
        if both:
            raise InputError(f'"{both[0]}" has both roles', "roles.toml", "Keep one.")
        return Roles(date=str(table.get("date", "")), statement=table.get("statement", ""), **lists)

    def _check_claim(self, claim: Claim) -> None:
        for edge in claim.edges:
            if edge not in self.numbers:
                raise InputError(
                    f'edge "{edge}" is no record',
                    f"{claim.file}, {claim.id}",
                    nearest(edge, self.numbers),
                )
        for endpoint in (claim.endpoint, *claim.harms):
            if endpoint not in self.instruments:
                raise InputError(
                    f'endpoint "{endpoint}" is no instrument',
                    f"{claim.file}, {claim.id}",
                    nearest(endpoint, self.instruments),
                )


def load_evidence(folder: str | Path | None = None, overlay: str | Path | None = None) -> Evidence:
    """Read the evidence, all of it checked.

    Args:
        folder: a folder with ``records/`` and ``sources/``; by default the one that ships.
        overlay: an evidence set laid over the records: the name of one in ``sets/``
            (``evidence``, ``article``) or the path of a TOML file.

    >>> load_evidence(overlay="article").name
    'article'
    """
    at = FOLDER if folder is None else Path(folder)
    base = _shipped() if at == FOLDER else _read(at)
    return base if overlay is None else _lay_over(base, overlay)


def _rebuilt(
    numbers: dict[str, Number], sources: dict[str, Source], name: str, folder: Path,
    scores: dict[str, Any],
) -> Evidence:  # fmt: skip
    held = MappingProxyType(scores)
    return Evidence(MappingProxyType(numbers), MappingProxyType(sources), name, folder, held)


@lru_cache(maxsize=1)
def _shipped() -> Evidence:
    return _read(FOLDER)


def _read(folder: Path) -> Evidence:
    if not (folder / "records").is_dir():
        raise InputError("no folder records/", str(folder), "Name a folder of evidence.")
    sources: dict[str, Source] = {}
    for path in toml_files(folder / "sources"):
        for name, table in _tables(path):
            _add(sources, name, source_from(name, table, path.name), path.name)
    numbers: dict[str, Number] = {}
    for path in toml_files(folder / "records"):
        for name, table in _tables(path):
            number = number_from(name, table, path.name)
            _add(numbers, name, number, path.name)
            _check_source(number, sources)
    return Evidence(MappingProxyType(numbers), MappingProxyType(sources), folder=folder)


def _lay_over(base: Evidence, overlay: str | Path) -> Evidence:
    path = Path(overlay)
    if path.suffix != ".toml":
        path = base.folder / "sets" / f"{overlay}.toml"
        if not path.exists():
            names = [p.stem for p in toml_files(path.parent)]
            raise InputError(f'no evidence set "{overlay}"', "", nearest(str(overlay), names))
    tree = read_toml(path)
    about = tree.pop("set", {})
    name = about.get("name", path.stem) if isinstance(about, Mapping) else path.stem
    more = about.get("sources", {}) if isinstance(about, Mapping) else {}
    if more:  # of a fit: the data themselves
        own = {key: source_from(key, table, path.name) for key, table in more.items()}
        base = replace(base, sources=MappingProxyType({**base.sources, **own}))
    values = dict(_flattened(tree, path.name))
    for key in values:
        if key not in base.numbers:
            raise InputError(f'no record "{key}" to replace', path.name, nearest(key, base.numbers))
    return base.replace(values, name)


def _tables(path: Path) -> Iterable[tuple[str, Mapping[str, Any]]]:
    return _flattened(read_toml(path), path.name)


def _flattened(tree: Mapping[str, Any], file: str) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        return list(flat_tables(tree))
    except InputError as error:
        raise InputError(error.what, file, error.cure) from None


def _listed(path: Path, key: str) -> list[Mapping[str, Any]]:
    tree = read_toml(path)
    for other in tree:
        if other != key:
            raise InputError(f'unknown key "{other}"', path.name, f"Write [[{key}]].")
    tables: list[Mapping[str, Any]] = tree.get(key, [])
    return tables


def _add(made: dict[str, Any], name: str, thing: Any, file: str) -> None:
    if name in made:
        other = getattr(made[name], "place", "") or getattr(made[name], "file", "") or file
        raise InputError(f'"{name}" stands twice', f"{file} and {other}", "Keep one of them.")
    made[name] = thing


def _check_source(number: Number, sources: Mapping[str, Source]) -> None:
    if number.source != ASSUMED and number.source not in sources:
        raise InputError(
            f'source "{number.source}" is not in sources/',
            f"{number.place}, {number.id}",
            nearest(number.source, sources),
        )


def _plain(thing: Number | Source) -> dict[str, Any]:
    fields = asdict(thing)
    fields.pop("place")
    return fields
