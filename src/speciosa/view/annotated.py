"""The article as the report shows it: every claim marked, with its verdict beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NOT_COVERED = "not covered"
KINDS = {
    "claim": "", "not covered": "not covered", "question": "a question", "general": "general",
    "unrelated": "", "heading": "",
}  # fmt: skip
STANCES = {
    "claims": "claims", "denies": "denies", "opposes": "says the opposite of", "asks": "asks about",
}  # fmt: skip


def annotated(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the article's paragraphs, each sentence cut into plain and marked pieces.

    Args:
        document: what ``verdict.json`` holds; without an article there are no paragraphs.
    """
    article = document.get("article")
    if not article:
        return []
    verdicts = {each["id"]: each for each in (*document["claims"], *document["untestable"])}
    numbers = {name: place for place, name in enumerate(verdicts, 1)}
    paragraphs: list[dict[str, Any]] = []
    for sentence in article["sentences"]:
        if not paragraphs or paragraphs[-1]["number"] != sentence["paragraph"]:
            paragraphs.append({
                "number": sentence["paragraph"], "shape": sentence["shape"], "sentences": [],
            })  # fmt: skip
        paragraphs[-1]["sentences"].append({
            "pieces": pieces(sentence), "kind": sentence["kind"], "tag": KINDS[sentence["kind"]],
            "made": sentence["made"],
            "chips": _chips(sentence["findings"], verdicts, numbers),
        })  # fmt: skip
    return paragraphs


def pieces(sentence: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Cut a sentence into pieces, marked where something is said.

    >>> found = {"start": 7, "end": 12, "claim": "x", "stance": "claims"}
    >>> pieces({"text": "Kratom eases pain.", "start": 0, "findings": [found]})
    ... # doctest: +NORMALIZE_WHITESPACE
    [{'text': 'Kratom ', 'marked': ''}, {'text': 'eases', 'marked': 'claims'},
     {'text': ' pain.', 'marked': ''}]
    """
    text, begin = sentence["text"], sentence["start"]
    marks = [""] * len(text)
    for found in sentence["findings"]:
        how = found["stance"] if found["claim"] else "uncovered"
        for place in range(max(0, found["start"] - begin), min(len(text), found["end"] - begin)):
            if marks[place] != "claims":
                marks[place] = how
    cut: list[dict[str, Any]] = []
    for letter, mark in zip(text, marks, strict=True):
        if letter in "*`":  # Markdown's marks
            continue
        if cut and cut[-1]["marked"] == mark:
            cut[-1]["text"] += letter
        else:
            cut.append({"text": letter, "marked": mark})
    return cut


def _chips(
    findings: Sequence[Mapping[str, Any]],
    verdicts: Mapping[str, Mapping[str, Any]],
    numbers: Mapping[str, int],
) -> list[dict[str, Any]]:
    """One chip for each claim that a sentence speaks of."""
    chips: dict[str, dict[str, Any]] = {}
    for found in findings:
        name = found["claim"]
        if not name:
            what = f"{found['substance']} {found['direction']} {found['outcome']}"
            chips.setdefault(what, {
                "id": "", "number": 0, "verdict": NOT_COVERED, "stance": "",
                "said": what.replace("_", " "), "why": found["reason"],
            })  # fmt: skip
            continue
        verdict = verdicts.get(name)
        if verdict is None or name in chips:
            continue
        chips[name] = {
            "id": name, "number": numbers[name], "verdict": verdict["verdict"],
            "stance": STANCES[found["stance"]], "said": verdict["paraphrase"],
            "why": found["reason"],
        }  # fmt: skip
    return list(chips.values())


def in_plain_words(document: Mapping[str, Any]) -> list[str]:
    """Return a short summary that a lay reader understands.

    Args:
        document: what ``verdict.json`` holds, completed.
    """
    claims = document["claims"]
    if not claims:
        return []
    lines = []
    words = [each["verdict"] for each in claims]
    total, untested = len(claims), len(document["untestable"])
    where = "The article makes" if document.get("article") else "There are"
    lines.append(
        f"{where} {total} {'claim' if total == 1 else 'claims'} that a simulated trial can test"
        + (f", and {untested} that it cannot." if untested else ".")
    )
    counted = [(w, words.count(w)) for w in _ORDER if w in words]
    lines.append("Verdicts: " + ", ".join(f"{n} {w}" for w, n in counted) + ".")
    remedies = [c for c in claims if c["effect"]["arm"] in ("kratom", "melatonin", "both")]
    helped = [c for c in remedies if c["verdict"] in ("supported", "plausible, untested")]
    harmful = [c for c in remedies if c["verdict"] in ("unsafe", "contradicted")]
    if remedies:
        lines.append(
            f"Of {len(remedies)} claims about kratom or melatonin, {len(helped)} may be true in at "
            f"least one simulated world in five; {len(harmful)} run against the simulation or "
            "bring harm above the limit that was set beforehand."
        )
    weak = sum(c["weakest_grade"] == "E" for c in claims)
    if weak:
        lines.append(
            f"{weak} of {total} answers hang on at least one number that nobody has measured: they "
            "say what to study, not what to take."
        )
    return lines


_ORDER = (
    "supported", "plausible, untested", "not supported", "contradicted", "unsafe", "no verdict",
)  # fmt: skip
