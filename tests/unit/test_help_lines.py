"""Help lines: every region can reach an emergency service, and an unchecked line says so."""

from __future__ import annotations

from datetime import date

import pytest

from speciosa.evidence.help_lines import KINDS, HelpLine, help_lines


def test_every_region_has_an_emergency_number() -> None:
    regions = {line.region for line in help_lines()}
    assert {"United States", "United Kingdom", "European Union"} <= regions
    assert {line.region for line in help_lines() if line.kind == "emergency"} == regions


def test_every_kind_of_help_is_there_and_every_contact_can_be_dialled() -> None:
    assert {line.kind for line in help_lines()} == set(KINDS)
    assert all(any(sign.isdigit() for sign in line.contact) for line in help_lines())


def test_a_line_tells_whether_it_was_checked_and_when() -> None:
    day = date(2026, 11, 22)
    assert str(HelpLine("X", "crisis", "Line", "1", "memory", day)) == (
        "X: Line, 1 (not checked, written 2026-11-22)"
    )
    assert "(checked 2026-11-22)" in str(HelpLine("X", "crisis", "Line", "1", "yes", day))
    read = HelpLine("X", "crisis", "Line", "1", "read", day, seen="its own page")
    assert "(read, not called, 2026-11-22)" in str(read)


def test_what_was_read_names_where() -> None:
    for state, seen in (("read", ""), ("memory", "a page"), ("yes", "a page")):
        with pytest.raises(ValueError, match="names where"):
            HelpLine("X", "crisis", "Line", "1", state, date(2026, 11, 22), seen=seen)


def test_an_unknown_kind_or_state_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        HelpLine("X", "advice", "Line", "1", "yes", date(2026, 11, 22))
    with pytest.raises(ValueError, match="unknown kind"):
        HelpLine("X", "crisis", "Line", "1", "maybe", date(2026, 11, 22))
