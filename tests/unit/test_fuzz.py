#!/usr/bin/env python3
"""
Tests of every reader of foreign text: it reads, or refuses in one line; it never hangs or crashes.

A deeper run of an hour: venv/common/bin/python -m pytest --hypothesis-profile=deep -n 0
tests/unit/test_fuzz.py
"""

from __future__ import annotations

import io
import json
import math
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from scripts.translators.llm_integration import read_answer
from shared.core.configuration.env_file import read_env_file
from shared.core.errors import InputError
from shared.core.files import read_json
from shared.core.languages import parse_language
from shared.glossary.table import read_table, write_table
from shared.media.timecode import parse_time
from shared.observability.json_display import JsonDisplay
from shared.observability.progress import PlainDisplay
from shared.pipeline.job.checkpoint import CheckpointManager
from shared.pipeline.job.events import parse_event
from shared.pipeline.job.job import Job, load_job
from shared.subtitles.base.profiles import limits_for
from shared.subtitles.checking.fixing import fix_source
from shared.subtitles.checking.lint import lint_source
from shared.subtitles.files.source import SourceFile, read_source
from tests.support.checkpoints import make_checkpoint
from tests.support.examples import examples
from tests.support.hostile import EXAMPLES, memory_for, mutated, refused_or, with_hostile_values

pytestmark = pytest.mark.timeout(300)
fuzzed = examples(
    EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
LIMITS = limits_for("en")
SRT_TIMES = "00:00:01,000 --> 00:00:02,000\n"
SRT = (
    f"1\n{SRT_TIMES}<i>नमस्ते</i>, दोस्त!\n\n"
    "2\n00:00:03.000 --> 00:00:04,5 X1:1\n{\\an8}two\nthree\n"
)
VTT = (
    "WEBVTT\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE a\n\nid\n"
    "00:01.000 --> 00:03.500 align:start\n<v Anna><i>One &amp; two</i></v>\n\n"
    "100:00:00.000 --> 100:00:01.000\n- four\n"
)
ASS = (
    "[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\n"
    "Style: Default,Arial,54,&H00FFFFFF,&H0,&H0,&H0,0,-1,0,0,100,100,0,0,1,3,0,2,10,10,10,1\n\n"
    "[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)
EVENT = "Dialogue: 0,0:00:01.00,0:00:03.50,Default,,0,0,0,,"
ASS_FILE = (
    f"{ASS}{EVENT}{{\\i1}}a{{\\i0}},\\Nb\nComment{EVENT[8:]}x\n{EVENT}{{\\p1}}m 0 0{{\\p0}}\n"
)
TTML = (
    '<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/ns/ttml" '
    'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="24" '
    'ttp:frameRateMultiplier="1000 1001" ttp:tickRate="1000">\n<body><div begin="10s">\n'
    '<p begin="00:00:01.500" end="00:00:03:12">One <span begin="1s">&amp;</span><br/>two</p>\n'
    '<p begin="5000t" dur="2s" style="x" timeContainer="par">&#2350;</p>\n</div></body></tt>\n'
)
SUBTITLES = {".srt": SRT, ".vtt": VTT, ".ass": ASS_FILE, ".ssa": ASS_FILE, ".ttml": TTML}
GLOSSARY = (
    "# film\nsource\tpreferred\tpreferred:hi\tpreferred:en\talternatives\tnotes\tcontext\tspeaker\n"
    "jaan\tdear\tजान\tdarling\tjan| my life \tn\tlove\tRaj\n\nRaj\n"
)
ENV = "# a\nDEVICE=cpu\nexport A='b c' # d\nB=\"e\\n\"\n\nC=${DEVICE}\n"
ANSWER = '```json\n{"lines": [{"id": 1, "text": "एक"}, {"id": "2", "translation": "two"}]}\n```'
PROGRESS = {"event": "progress", "stage": "asr", "done": 1.5, "total": 60.0, "unit": "s"}
CHECKPOINT = make_checkpoint(
    "asr",
    inputs={"a.wav": "0" * 64, "b": None},
    parameters={"A": [1, "x"]},
    outputs={"a.json": {"sha256": "0" * 64, "size": 1, "mtime_ns": 1}},
    rungs=[{"rung": "cpu", "reason": "", "seconds": 1.0, "peak_memory_mb": 1.0}],
).model_dump(mode="json")


def put(folder: Path, name: str, content: bytes | str) -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path


def read_subtitles(path: Path) -> SourceFile:
    """Read, judge and mend a subtitle file; return what was read."""
    source = read_source(path)
    lint_source(source, LIMITS)
    for cue in source.cues:
        assert math.isfinite(cue.start) and math.isfinite(cue.end)
        assert 1 <= cue.line <= 1 + source.text.count("\n") + source.text.count("\r")
        cue.text.encode("utf-8")
    try:
        mended = fix_source(source, LIMITS)
    except InputError:
        return source
    read_source(put(path.parent, f"mended.{source.format}", mended))
    return source


@pytest.mark.parametrize("suffix", SUBTITLES)
@fuzzed
@given(data=st.data())
def test_subtitles(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    content = data.draw(mutated(*SUBTITLES.values(), SUBTITLES[suffix], SUBTITLES[suffix]))
    path = put(tmp_path, "a" + suffix, content)
    source = refused_or(lambda: read_subtitles(path), content)
    if content == SUBTITLES[suffix].encode():
        # Of the ASS file's three events one is a comment and one a drawing.
        assert source is not None and len(source.cues) == (1 if "ss" in suffix else 2)
    assert source is None or read_source(path).cues == source.cues


@fuzzed
@given(content=mutated(GLOSSARY), suffix=st.sampled_from([".tsv", ".csv"]))
def test_glossaries(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = put(tmp_path, f"a{suffix}", content)
    terms = refused_or(lambda: read_table(path, "user"), content) or []
    write_table(tmp_path / "b.tsv", terms, "written again")
    again = read_table(tmp_path / "b.tsv", "user")
    assert [term.source.split() for term in again] == [term.source.split() for term in terms]


@fuzzed
@given(
    text=st.text(max_size=30)
    | mutated("pt-BR", "Hindi", "zh-Hans-x-a").map(
        lambda content: content.decode("utf-8", "replace")
    )
)
def test_languages(text: str) -> None:
    tag = refused_or(lambda: parse_language(text), text)
    assert tag is None or parse_language(tag) == tag


@fuzzed
@given(content=mutated(ENV))
def test_configurations(tmp_path: Path, content: bytes) -> None:
    path = put(tmp_path, "a.env", content)
    values = refused_or(lambda: read_env_file(path), content)
    if content == ENV.encode():
        told = {key: one.value for key, one in (values or {}).items()}
        assert told == {"DEVICE": "cpu", "A": "b c", "B": "e\n", "C": "${DEVICE}"}
    lines = re.split(r"\r\n|\n|\r", content.decode("utf-8", "replace"))
    for key, one in (values or {}).items():
        assert key in lines[one.origin.line - 1], f"{key} does not stand on line {one.origin.line}"


@pytest.mark.slow
@fuzzed
@given(data=st.data())
def test_jobs(job_dir: Path, data: st.DataObject) -> None:
    kept = job_dir / "good.json"
    if not kept.exists():
        (job_dir / "job.json").rename(kept)
    seed = read_json(kept) | {"target_languages": ["en"], "clip": {"start": 0.0, "end": 0.5}}
    content = data.draw(with_hostile_values(seed) | mutated(json.dumps(seed)))
    put(job_dir, "job.json", content)
    job = refused_or(lambda: load_job(job_dir), content)
    assert job is not None or content != json.dumps(seed).encode()
    if job is not None:
        check_job(job)
        text = job.model_dump_json()
        assert Job.model_validate_json(text).model_dump_json() == text


def check_job(job: Job) -> None:
    """Assert that what later makes paths and command lines of a job's fields can."""
    assert 0 < job.duration < math.inf
    assert Fraction(job.media.frame_rate or "1") > 0
    for text in (job.file_stem, job.source_language, *job.target_languages):
        assert "/" not in text and "\0" not in text and not text.startswith((".", "-"))


@fuzzed
@given(content=with_hostile_values(CHECKPOINT) | mutated(json.dumps(CHECKPOINT)))
def test_checkpoints(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / ".checkpoints"
    folder.mkdir(exist_ok=True)
    path = put(folder, "asr.json", content)
    (folder / "asr.json.broken").unlink(missing_ok=True)
    found = refused_or(lambda: CheckpointManager(tmp_path).load_record("asr"), content)
    assert (found is None) == (folder / "asr.json.broken").exists() != path.exists()
    for name in found.outputs if found else ():
        assert (tmp_path / "asr" / name).is_relative_to(tmp_path / "asr") and ".." not in name


@fuzzed
@given(line=with_hostile_values(PROGRESS) | mutated(json.dumps(PROGRESS)))
def test_events(line: bytes) -> None:
    event = refused_or(lambda: parse_event(line), line)
    assert event is not None or line != json.dumps(PROGRESS).encode()
    if event is not None:
        for display in (PlainDisplay(io.StringIO()), JsonDisplay(io.StringIO())):
            display.event(event | {"stage": "asr"})
        assert parse_event(json.dumps(event).encode()) is not None


@fuzzed
@given(content=mutated(ANSWER, '[{"1": "x"}]', '{"1": "x", "2": ["y"]}'))
def test_answers_of_a_language_model(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    answers = refused_or(lambda: list(read_answer(text)), text) or []
    assert answers == [(1, "एक"), (2, "two")] or content != ANSWER.encode()
    for number, spoken in answers:
        assert isinstance(number, int) and spoken.encode("utf-8") is not None


@fuzzed
@given(text=st.text(max_size=20) | st.from_regex(r"[-0-9:.,]{0,20}", fullmatch=True))
def test_time_codes(text: str) -> None:
    seconds = refused_or(lambda: parse_time(text), text)
    assert seconds is None or 0 <= seconds < math.inf


MANY = 20_000
LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
MONSTERS: dict[str, tuple[str, str | bytes]] = {
    "number": (".srt", f"{'1' * 5000}\n{SRT_TIMES}x\n"),
    "clocks": (".srt", "1:1" * MANY),
    "arrows": (".srt", "-->" * MANY),
    "digits of a clock": (".srt", f"1:1:{'1' * MANY}\n{SRT_TIMES}x\n"),
    "spaces after a clock": (".srt", f"1:1:1{' ' * MANY}x\n{SRT_TIMES}x\n"),
    "open tags": (".srt", SRT_TIMES + "<a" * MANY),
    "open braces": (".srt", SRT_TIMES + "{" * MANY),
    "a line of 3 MB": (".srt", SRT_TIMES + "x" * 3_000_000),
    "zeros": (".srt", SRT_TIMES + "\0" * MANY),
    "cues": (".srt", SRT_TIMES * 5000),
    "lines": (".srt", SRT_TIMES + "x\n" * MANY),
    "marks on a letter": (".srt", SRT_TIMES + "a" + "\u0301" * MANY),
    "half of UTF-16": (".srt", SRT.encode("utf-16")[:-1]),
    "a lone surrogate": (".srt", SRT_TIMES.encode() + b"\xed\xa0\x80\n"),
    "hours": (".vtt", f"WEBVTT\n\n{'1' * 5000}:00:00.000 --> 00:02.000\nx"),
    "fewer hours": (".vtt", f"WEBVTT\n\n{'1' * 400}:00:00.000 --> 00:02.000\nx"),
    "a reference": (".vtt", f"WEBVTT\n\n00:00.000 --> 00:02.000\n&#{'1' * 5000};"),
    "references": (".vtt", "WEBVTT\n\n00:00.000 --> 00:02.000\n" + "&" * MANY),
    "tags": (".ass", ASS + EVENT + "{\\i1}" * MANY),
    "hours of ASS": (".ass", ASS + EVENT.replace("0:00:01", "1" * 5000 + ":00:01") + "x"),
    "a section": (".ass", f"{ASS}[{'a' * MANY}\n{EVENT}x"),
    "an event elsewhere": (".ass", f"[Script Info]\n{EVENT}x\n[Events]\n"),
    "an event after a space": (".ass", f"{ASS} {EVENT}x"),
    "a style without colours": (".ass", f"[V4+ Styles]\nStyle: a,b,1,,,,\n{ASS}{EVENT}x"),
    "old line ends": (".ass", f"{ASS}{EVENT}x\n{EVENT}y".replace("\n", "\r")),
    "billion laughs": (".ttml", f'<!DOCTYPE tt [<!ENTITY a0 "ha">{LAUGHS}]><tt>&a9;</tt>'),
    "an external entity": (
        ".ttml",
        '<!DOCTYPE tt [<!ENTITY a SYSTEM "file:///etc/passwd">]><tt><p end="1s">&a;</p></tt>',
    ),
    "a rate of 10⁹⁹⁹⁹⁹⁹⁹⁹": (".ttml", '<tt frameRate="1e99999999"/>'),
    "no frames": (".ttml", '<tt frameRate="0"><p end="00:00:00:01">x</p></tt>'),
    "no ticks": (".ttml", '<tt tickRate="0"><p end="1t">x</p></tt>'),
    "seconds": (".ttml", f'<tt><p end="{"1" * 5000}s">x</p></tt>'),
    "fewer seconds": (".ttml", f'<tt><p end="{"1" * 400}s">x</p></tt>'),
    "a fraction": (".ttml", f'<tt><p end="1.{"1" * 5000}s">x</p></tt>'),
    "nesting": (".ttml", "<tt>" + "<span>\n" * MANY),
    "an attribute": (".ttml", f'<tt a="{"x" * 1_000_000}"/>'),
    "text": (".ttml", '<tt><p end="1s">' + "x\n" * MANY + "</p></tt>"),
}

# Cues of the monsters that are read; the others are refused.
CUES = {
    **{"number": 1, "digits of a clock": 1, "spaces after a clock": 1, "a line of 3 MB": 1},
    **{"cues": 5000, "lines": 1, "marks on a letter": 1, "a reference": 1, "references": 1},
    **{"an event after a space": 1, "old line ends": 2, "an attribute": 0, "text": 1},
    "a style without colours": 1,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MONSTERS)
def test_no_subtitle_file_is_a_bomb(tmp_path: Path, name: str) -> None:
    suffix, content = MONSTERS[name]
    path = put(tmp_path, "a" + suffix, content)
    source = refused_or(lambda: read_subtitles(path), content)
    assert (None if source is None else len(source.cues)) == CUES.get(name)
    memory_for(lambda: read_source(path), path.read_bytes())


def test_nobody_reads_entities_or_other_files(tmp_path: Path) -> None:
    for name in ("billion laughs", "an external entity"):
        with pytest.raises(InputError, match="a.ttml:1: a DOCTYPE is not read"):
            read_source(put(tmp_path, "a.ttml", MONSTERS[name][1]))


@pytest.mark.slow
@pytest.mark.parametrize(
    "content",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        "1" * 5000,
        '{"config": ' + "[" * 900 + "]" * 900 + "}",
        "NaN",
        '"\\ud800"',
        b"\xff\xfe{\0}\0",
        "[" + "1," * 100_000 + "1]",
    ],
)
def test_no_json_is_a_bomb(tmp_path: Path, job_dir: Path, content: str | bytes) -> None:
    data = put(job_dir, "job.json", content).read_bytes()
    memory_for(lambda: load_job(job_dir), data)
    refused_or(lambda: parse_event(data), data)
    refused_or(lambda: list(read_answer(data.decode("utf-8", "replace"))), data)
    (tmp_path / ".checkpoints").mkdir()
    put(tmp_path / ".checkpoints", "asr.json", data)
    assert CheckpointManager(tmp_path).load_record("asr") is None


@pytest.mark.parametrize(
    "content", ["[1," * 10_000, '{"a":"b",' * 10_000, '["\\"' * 10_000, "[" * 500 + "]" * 500]
)
def test_no_answer_is_a_bomb(content: str) -> None:
    assert refused_or(lambda: list(read_answer(content)), content) == []


LANGUAGES = (
    "ar as az be bg bn br bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy id "
    "is it ja jv ka kk km kn ko ky lo lt lv mk ml mn mr ms my ne nl or pa pl ps pt ro ru sd si sk "
    "sl so"
).split()
GLOSSARIES: dict[str, str | bytes] = {
    "columns": "source" + "\tpreferred:hi" * 10_000,
    "a column": "source\tpreferred:" + "a" * MANY,
    "rows under many columns": "source\t"
    + "\t".join(f"preferred:{language}" for language in LANGUAGES)
    + "\n"
    + "".join(f"a{number}\n" for number in range(MANY // 4)),
    "one long cell": "source\n" + "a" * 1_000_000,
    "alternatives": "source\talternatives\na\t" + "|" * 100_000,
}
# Terms of those that are read; the others are refused.
TERMS = {"rows under many columns": MANY // 4, "alternatives": 1}


@pytest.mark.slow
@pytest.mark.parametrize("name", GLOSSARIES)
def test_no_glossary_is_a_bomb(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, "a.tsv", GLOSSARIES[name])
    terms = memory_for(lambda: read_table(path, "user"), path.read_bytes())
    assert (None if terms is None else len(terms)) == TERMS.get(name)
