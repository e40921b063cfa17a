#!/usr/bin/env python3
"""Tests of shared/subtitles/files/sync.py: files are brought back to where they were."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import pytest

from shared.core.errors import InputError
from shared.subtitles.base.cue import SourceCue
from shared.subtitles.files.retiming import Move
from shared.subtitles.files.source import read_source
from shared.subtitles.files.sync import found_move
from tools.subtitles import main

GAPS = (0.1, 0.3, 1.0, 4.0, 15.0)


def film(seed: int, count: int = 60, gaps: tuple[float, ...] = GAPS) -> list[SourceCue]:
    """Return cues as dialogue has them."""
    chance, at, cues = random.Random(seed), 20.0, []
    for _ in range(count):
        at += chance.choice(gaps) * chance.random()
        length = 1.0 + 3 * chance.random()
        cues.append(SourceCue(round(at, 3), round(at + length, 3), "line", raw="line"))
        at += length
    return cues


def other_language(cues: list[SourceCue], seed: int) -> list[SourceCue]:
    """Return the cues of a translator: some joined or left out, times a little off."""
    chance, made = random.Random(seed), []
    for cue in cues:
        if chance.random() < 0.1:
            continue
        start, end = cue.start + chance.uniform(-0.04, 0.04), cue.end + chance.uniform(-0.3, 0.3)
        made.append(SourceCue(max(0.0, start), end, "Zeile", raw="Zeile"))
    return made


def moved(cues: list[SourceCue], move: Move) -> list[SourceCue]:
    """Return cues at other times."""
    return [SourceCue(move(cue.start), move(cue.end), cue.text, raw=cue.raw) for cue in cues]


MOVES = (
    Move(2.5),
    Move(-13.37),
    Move(95.0),
    Move(2.5, Fraction(25) / Fraction(24000, 1001)),
    Move(-4.0, Fraction(24000, 1001) / Fraction(25)),
    Move(0.0, Fraction(24, 25)),
    Move(0.0),
)


@pytest.mark.parametrize("move", MOVES, ids=str)
@pytest.mark.parametrize("translated", [False, True])
def test_what_was_moved_is_brought_back_within_fifty_milliseconds(
    move: Move, translated: bool
) -> None:
    cues = film(7)
    right = other_language(cues, 8) if translated else cues
    found = found_move(moved(cues, move), right)
    assert found.is_sure
    for cue, late in zip(cues, moved(cues, move), strict=True):
        assert found.move(late.start) == pytest.approx(cue.start, abs=0.05)


def test_odd_times_cost_no_memory() -> None:
    cues = film(3)
    odd = [*cues, SourceCue(3e9, 4e9, "x"), SourceCue(5.0, 9e6, "x", is_open=True)]
    assert found_move(moved(odd, Move(2.5)), cues).move.offset == pytest.approx(-2.5, abs=0.05)


def test_another_film_does_not_fit() -> None:
    assert not found_move(film(1), film(2)).is_sure
    assert not found_move(film(1), []).is_sure


@pytest.mark.slow
@pytest.mark.parametrize("gaps", [(0.1, 0.3, 1.0, 4.0), (0.1, 0.1, 0.3, 1.0), (0.0,)], ids=str)
@pytest.mark.parametrize("count", [20, 60, 300])
def test_another_film_in_which_people_talk_all_the_time_does_not_fit(
    gaps: tuple[float, ...], count: int
) -> None:
    for seed in range(5):
        one = film(seed, count, gaps)
        assert not found_move(one, film(seed + 100, count, gaps)).is_sure
        late = moved(one, Move(2.5))
        found = found_move(late, other_language(one, seed))
        assert found.is_sure or gaps == (0.0,)  # when they are silent says all
        assert not found.is_sure or found.move.offset == pytest.approx(-2.5, abs=0.05)


def test_the_command_gives_the_right_file_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = tmp_path / "right.en.srt"
    right.write_text(
        "\n".join(
            f"{n}\n00:00:{4 * n:02d},000 --> 00:00:{4 * n + 2 + n % 3 // 2:02d},250\nLine {n}.\n"
            for n in (1, 2, 4, 5, 7, 8, 9, 11)
        )
    )
    late, back = tmp_path / "late.en.srt", tmp_path / "back.en.srt"
    assert main(["shift", str(right), str(late), "--by", "2.5"]) == 0
    assert main(["sync", str(late), str(back), "--to", str(right)]) == 0
    assert back.read_bytes() == right.read_bytes()
    assert "-2.500 s, 1.00000 times as long" in capsys.readouterr().err


def test_files_of_two_films_are_refused(tmp_path: Path) -> None:
    paths = []
    for seed in (1, 2):
        path = tmp_path / f"{seed}.en.lrc"
        path.write_text(
            "".join(
                f"[{int(t) // 60:02d}:{t % 60:05.2f}]{said}\n"
                for cue in film(seed)
                for t, said in ((cue.start, "line"), (cue.end, ""))
            )
        )
        paths.append(tmp_path / f"{seed}.en.srt")
        assert main(["convert", str(path), str(paths[-1])]) == 0
        assert len(read_source(paths[-1]).cues) == 60
    with pytest.raises(InputError, match="does not fit"):
        main(["sync", str(paths[0]), str(tmp_path / "new.srt"), "--to", str(paths[1])])
