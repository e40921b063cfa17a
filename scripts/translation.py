#!/usr/bin/env python3
"""
Translation: translate the transcript, one line a segment

Purpose: every segment gets its translation under its own id, none another's; what could not be
    translated is marked as such. Engines run in their own environments, asked over pipes.
Input: export_transcript/transcript.json, source_separation/vocals.wav or demux/audio.wav.
    glossary_load/translation_terms_<lang>.json, export_transcript/glossary_adherence.json.
Output: segments_translated_<lang>.json for each target language, glossary_adherence.json.

Example:
    ./run-pipeline.sh translate JOB_DIR --only translation
"""

import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT_ROOT))

from scripts.translators.engines import EnginePool, first_rung, lines_by_language  # noqa: E402
from scripts.translators.terms import report_terms, term_keeper  # noqa: E402
from scripts.writing.opencc_integration import translation_in_letters  # noqa: E402
from shared.config import load_config  # noqa: E402
from shared.core.errors import counted  # noqa: E402
from shared.core.identity import TRANSLATION  # noqa: E402
from shared.core.ladder import build_ladder  # noqa: E402
from shared.stage_utils import StageIO, get_stage_logger  # noqa: E402
from shared.transcript.records.inputs import FINISHED_TRANSCRIPT, translated_file  # noqa: E402
from shared.transcript.records.schemas import Transcript, Translation  # noqa: E402
from shared.translation.chain import LineResult  # noqa: E402
from shared.translation.engine import translate_film  # noqa: E402
from shared.translation.lines import build_translation, count_lines, told_parts  # noqa: E402
from shared.translation.router import DEFAULT_ENGINE  # noqa: E402


def main() -> int:
    """Run the stage; return its exit code (standards 6.5)."""
    stage_io = StageIO("translation", warm=("numpy",))
    logger = get_stage_logger("translation", stage_io=stage_io)
    try:
        logger.info("=" * 60)
        logger.info("TRANSLATION: translate the transcript, one line a segment")
        logger.info("=" * 60)
        config = load_config()
        targets = stage_io.job.target_languages
        if not targets:
            return stage_io.skip("no target language was asked for (-t)")
        transcript = stage_io.read_model(stage_io.get_first_input(*FINISHED_TRANSCRIPT), Transcript)
        rung = stage_io.use_rung(build_ladder(first_rung(config)))
        with EnginePool(stage_io, config, rung, transcript) as pool:
            made = [
                translate_into(
                    stage_io, pool, transcript, target, sung=config.lyrics == "translate"
                )
                for target in targets
            ]
        report_terms(stage_io, made)
        counts = count_lines(made)
        if partly := told_parts(made):
            stage_io.warn(partly)
        if counts["untranslated"]:
            lines = sum(line.status == "untranslated" for one in made for line in one.lines)
            are = "is" if lines == 1 else "are"
            told = f"{counted(lines, 'line')} could not be translated and {are} marked so"
            if stage_io.is_degraded or pool.may_answer_otherwise:
                stage_io.degrade(told, missing=TRANSLATION)
            else:
                stage_io.warn(told, missing=TRANSLATION)
        return stage_io.succeed(languages=targets, **counts)
    except Exception as error:  # the stage's error boundary
        return stage_io.fail(error)


def translate_into(
    stage_io: StageIO, pool: EnginePool, transcript: Transcript, target: str, sung: bool
) -> Translation:
    """Write the translation into one language and return it.

    Args:
        stage_io: The stage's paths.
        pool: The engines.
        transcript: The source.
        target: BCP-47.
        sung: Whether songs are translated.
    """
    film, groups = lines_by_language(transcript, target, sung)
    keeper = term_keeper(stage_io, target)
    results: dict[int, LineResult] = {}
    for source, lines in groups.items():
        chain = pool.chain(source, target)
        if all(engine.name == DEFAULT_ENGINE for engine in chain):  # it hears speech, reads nothing
            named = {s.id for s in transcript.segments if s.shown and s.shown.is_sound}
            lines = [line for line in lines if line.id not in named]
        options = pool.translation_options(len(lines))
        results |= translate_film(lines, source, target, chain, options, film, keeper)
    translation = translation_in_letters(build_translation(transcript, target, results), target)
    stage_io.write_model(translated_file(target), translation)
    return translation


if __name__ == "__main__":
    sys.exit(main())
