"""The finder's lexicon: word lists in TOML, compiled once for spaCy's blank English pipeline.

A word list is plain text. Words are divided by blanks; ``a|b`` is either word; a word or group that
ends in ``?`` may be left out. Verbs stand in their plain form and are read in all their forms.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from speciosa.core.errors import InputError
from speciosa.evidence.toml import read_toml

FOLDER = Path(__file__).parent / "lexicon"
CLASSES = ("lower", "raise", "improve", "harm", "prevent", "act", "cause", "have", "none", "works")
LAYERS = ("content", "cue")


@dataclass(frozen=True)
class Term:
    """What a word list stands for.

    Args:
        kind: substance, outcome, change, bundle, pronoun, or the name of a cue.
        name: substance or outcome; the plain form of a verb.
        change: class of a change (:data:`CLASSES`); ``more`` or ``less`` for an outcome.
        part: verb, noun, adjective or after, for a change.
        layer: ``content`` marks exclude one another, ``cue`` marks may lie over them.
    """

    kind: str
    name: str = ""
    change: str = ""
    part: str = ""
    layer: str = "content"


@dataclass(frozen=True)
class Outcome:
    """An outcome's kind: symptom, risk or mechanism."""

    name: str
    kind: str


@dataclass(frozen=True)
class Lexicon:
    """The compiled lexicon.

    Args:
        language: spaCy's blank English pipeline.
        matcher: its rule matcher; keys are numbers of ``terms``.
        terms: what each key stands for.
        outcomes: every outcome.
        roles: substance -> remedy, medicine, part, group, habit or condition.
        alone: every form of the verbs that need no object.
        splits: verbs whose object may stand inside: forms, the words behind it, the term.
    """

    language: Any
    matcher: Any
    terms: tuple[Term, ...]
    outcomes: Mapping[str, Outcome]
    roles: Mapping[str, str]
    alone: frozenset[str]
    splits: tuple[tuple[frozenset[str], tuple[str, ...], Term], ...] = ()


def forms(verb: str, irregular: Mapping[str, list[str]]) -> tuple[str, ...]:
    """Return a verb in all its forms.

    >>> forms("ease", {})
    ('ease', 'eases', 'eased', 'easing')
    >>> forms("carry", {})
    ('carry', 'carries', 'carried', 'carrying')
    """
    if verb in irregular:
        return (verb, *irregular[verb])
    if verb.endswith("e"):
        return (verb, f"{verb}s", f"{verb}d", f"{verb[:-1]}ing")
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return (verb, f"{verb[:-1]}ies", f"{verb[:-1]}ied", f"{verb}ing")
    if verb.endswith(("s", "sh", "ch", "x")):
        return (verb, f"{verb}es", f"{verb}ed", f"{verb}ing")
    return (verb, f"{verb}s", f"{verb}ed", f"{verb}ing")


def patterns_of(text: str, language: Any) -> list[list[dict[str, Any]]]:
    """Turn one entry of a word list into patterns of spaCy's matcher.

    A choice that the tokenizer divides ("night-time") needs a pattern of its own.
    """
    patterns: list[list[dict[str, Any]]] = [[]]
    for group in text.split():
        choices = [choice.removesuffix("?").lower() for choice in group.split("|")]
        parts = [[token.lower_ for token in language.make_doc(choice)] for choice in choices]
        single = [part[0] for part in parts if len(part) == 1]
        options = [[{"LOWER": word} for word in part] for part in parts if len(part) > 1]
        if single:  # a choice costs the matcher far more than a word
            options.insert(0, [{"LOWER": {"IN": single} if len(single) > 1 else single[0]}])
        if "?" in group:
            options = [[{**token, "OP": "?"} for token in option] for option in options]
        patterns = [[*pattern, *option] for pattern in patterns for option in options]
    return patterns


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    return dict(read_toml(FOLDER / "words.toml"))


def word_set(name: str) -> frozenset[str]:
    """Return a named set of small words.

    >>> "n't" in word_set("auxiliary")
    True
    """
    return frozenset(_words()[name].split())


@lru_cache(maxsize=1)
def load_lexicon() -> Lexicon:
    """Read and compile the lexicon.

    >>> sorted(load_lexicon().roles)[:3]
    ['7-OH', 'acamprosate', 'addiction']
    """
    import spacy  # a second: only who reads an article waits for it
    from spacy.matcher import Matcher

    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    matcher = Matcher(language.vocab)
    terms: list[Term] = []
    tables = {name: read_toml(FOLDER / f"{name}.toml") for name in
              ("substances", "outcomes", "directions", "cues")}  # fmt: skip
    for term, words in (
        *_substances(tables["substances"]),
        *_outcomes(tables["outcomes"]),
        *_changes(tables["directions"]),
        *_cues(tables["cues"]),
    ):
        patterns = [pattern for text in words for pattern in patterns_of(text, language)]
        if not patterns or not all(patterns):
            raise InputError("an empty word list", f"lexicon, {term.kind} {term.name}")
        matcher.add(str(len(terms)), patterns)
        terms.append(term)
    irregular = tables["directions"]["irregular"]
    alone = frozenset(
        form for verb in tables["directions"]["alone"]["verbs"] for form in forms(verb, irregular)
    )
    return Lexicon(
        language,
        matcher,
        tuple(terms),
        {name: Outcome(name, table["kind"]) for name, table in tables["outcomes"].items()},
        {name: table["role"] for name, table in tables["substances"].items()},
        alone,
        tuple(_splits(tables["directions"])),
    )


def _splits(tree: Mapping[str, Any]) -> Iterator[tuple[frozenset[str], tuple[str, ...], Term]]:
    """Verbs with a particle, which may take their object in between: "keep pain at bay"."""
    particles = word_set("particles")
    for change, verbs in tree["verb"].items():
        for verb in verbs:
            first, *rest = verb.split()
            if rest and rest[-1] in particles and "|" not in verb:
                term = Term("change", verb, change, "verb")
                yield frozenset(forms(first, tree["irregular"])), tuple(rest), term


Entry = tuple[Term, Iterable[str]]


def _substances(tree: Mapping[str, Any]) -> Iterator[Entry]:
    for name, table in tree.items():
        yield Term("substance", name), table["words"]
        if "anaphors" in table:
            yield Term("pronoun", name, "named"), table["anaphors"]


def _outcomes(tree: Mapping[str, Any]) -> Iterator[Entry]:
    for name, table in tree.items():
        for better in ("more", "less"):
            if better in table:
                yield Term("outcome", name, better), table[better]


def _changes(tree: Mapping[str, Any]) -> Iterator[Entry]:
    irregular = tree["irregular"]
    for change, verbs in tree["verb"].items():
        for verb in verbs:
            first, _, rest = verb.partition(" ")
            words = [f"{form} {rest}".strip() for form in forms(first, irregular)]
            yield Term("change", verb, change, "verb"), words
    for part in ("noun", "adjective", "after"):
        for change, words in tree[part].items():
            yield Term("change", "", change, part), words
    for outcome, table in tree["bundle"].items():
        for change, words in table.items():
            yield Term("bundle", outcome, change, "bundle"), words


def _cues(tree: Mapping[str, Any]) -> Iterator[Entry]:
    for group, table in tree.items():
        for key, words in table.items():
            layer = "content" if group == "pronoun" or key == "anaphors" else "cue"
            kind = "pronoun" if layer == "content" else f"{group}.{key}"
            name = "both" if key == "anaphors" else key
            yield Term(kind, name, "", "", layer), words
