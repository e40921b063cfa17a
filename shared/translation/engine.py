#!/usr/bin/env python3
"""
Engine: a whole film through a chain of backends, every line under its own id.

The same line is asked once. An answer counts for an id only if nothing speaks against it; what is
missing or doubted is asked again in smaller batches, then alone, then of the next engine, and is
finally left untranslated with a note; but an answer that only lacks a term is taken before none.
Nothing is matched by position, and where an engine reads a batch as one text its answers are judged
together (together.py): one sign that lines have moved, and the whole batch is asked again smaller.
Terms of the glossary are hidden from the engine and put back, see placeholders.py.

Usage:
    from shared.translation.chain import ChainEngine, TranslationOptions
    from shared.translation.engine import translate_film

    chain = [ChainEngine("nllb", open_nllb)]
    results = translate_film(lines, "hi", "en", chain, TranslationOptions())
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.translation.backend import SourceLine
from shared.translation.chain import ChainEngine, LineResult, TranslationOptions
from shared.translation.engine_round import EngineRound
from shared.translation.placeholders import TermKeeper


def translate_film(
    lines: Sequence[SourceLine],
    source: str,
    target: str,
    chain: Sequence[ChainEngine],
    options: TranslationOptions,
    film: Sequence[SourceLine] | None = None,
    keeper: TermKeeper | None = None,
) -> dict[int, LineResult]:
    """Return what became of each line, by id.

    Args:
        lines: All lines of one language, in film order, ids unique.
        source: BCP-47.
        target: BCP-47.
        chain: Engines, the first choice first.
        options: How they are asked.
        film: All lines of the film, for context; the same lines if left out.
        keeper: Keeps the terms of the glossary for this pair.

    Raises:
        Exception: What an engine raises for want of memory or of a working device, so that the
            stage steps down its ladder.
    """
    twins: dict[str, list[int]] = {}
    for line in lines:
        twins.setdefault(" ".join(line.text.split()), []).append(line.id)
    spoken = {ids[0] for text, ids in twins.items() if text}
    asked = [line for line in lines if line.id in spoken]
    results = {line.id: LineResult() for line in asked}
    for engine in chain:
        todo = [line for line in asked if not results[line.id].text]
        if todo and not engine.failed:
            EngineRound(engine, source, target, options, results, film or lines, keeper).run(todo)
    for result in results.values():
        if result.spare and not result.text:
            result.take(result.spare)
    for text, ids in twins.items():
        whole = results.get(ids[0]) or LineResult(objections=["nothing to translate"])
        results |= dict.fromkeys(ids, whole)
    return results
