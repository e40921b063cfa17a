#!/usr/bin/env python3
"""Tests of scripts/sound/yamnet_classes.py: every kind has its classes and its labels."""

from __future__ import annotations

from pathlib import Path

from scripts.sound.yamnet_classes import GROUPS, SOUNDS, columns_of
from shared.subtitles.sdh.sdh import BACKGROUND, FAMILIES
from shared.subtitles.sdh.sound_labels import en
from shared.transcript.sound.sounds import IMPULSES


def test_spans_and_single_names_become_columns(tmp_path: Path) -> None:
    table = tmp_path / "map.csv"
    table.write_text(
        'index,mid,display_name\n0,/m/1,Speech\n1,/m/2,"Run, fast"\n2,/m/3,Dog\n3,/m/4,Bark\n'
    )
    found = columns_of({"a": (("Dog", "Bark"), "Speech"), "b": ("Run, fast",)}, table)
    assert found == [[2, 3, 0], [1]]


def test_every_kind_can_be_named() -> None:
    kinds = {*SOUNDS, "music", "singing"}
    assert kinds == set(en.LABELS)
    assert BACKGROUND | IMPULSES | {kind for family in FAMILIES for kind in family} <= kinds
    assert not set(SOUNDS) & set(GROUPS)
