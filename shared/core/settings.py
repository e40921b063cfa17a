#!/usr/bin/env python3
"""
Settings: every configuration parameter with its type, range, default and documentation.

This model is the single source: the documentation in `config/.env.pipeline` and
`docs/CONFIGURATION.md` is made from it by `tools/generate_docs.py`, and a test holds the three
together. A field `whisper_model` is the key `WHISPER_MODEL` in files and in the environment.

To add a parameter of your own, declare it in PipelineConfig and run tools/generate_docs.py:

    my_parameter: float = setting(0.5, "What it does, with its unit", ge=0, le=1)

Usage:
    from shared.config import load_config

    model = load_config().whisper_model
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PrivateAttr,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from shared.core.configuration.secrets import load_secret

Device = Annotated[str, StringConstraints(pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")]


def _split_commas(value: Any) -> Any:
    """Turn the text 'a, b' of an environment file into the list ['a', 'b']."""
    if isinstance(value, str):
        return [item.strip() for item in value.split(",") if item.strip()]
    return value


def _zero_if_auto(value: Any) -> Any:
    """Take the word auto for 0, which stands for it among numbers."""
    return 0 if value == "auto" else value


Names = Annotated[list[str], BeforeValidator(_split_commas)]
SubtitleFormats = Annotated[
    list[Literal["srt", "vtt", "ass", "ttml"]], BeforeValidator(_split_commas)
]
Numbers = Annotated[list[float], BeforeValidator(_split_commas)]


LEAST_STAGE_MEMORY_MB = 200


def _enough_memory(value: int) -> int:
    """Refuse a limit under which a stage fails on every rung of its ladder before it works."""
    if 0 < value < LEAST_STAGE_MEMORY_MB:
        raise PydanticCustomError(
            "too_little_memory",
            "must be 0 (no limit) or at least {least}: Python and the libraries of the smallest "
            "neural stage take about 120 MiB before it hears anything",
            {"least": LEAST_STAGE_MEMORY_MB},
        )
    return value


def _occasions(value: str) -> str:
    """Refuse what no notification is sent on."""
    if set(value.replace(",", " ").split()) - {"end", "failed", "degraded"}:
        raise PydanticCustomError("no_occasion", "takes end, failed and degraded, with commas")
    return value


# Who may set a parameter. A job.json comes from anywhere, like a film: what could reach beyond the
# job's own folder is for the machine's files, its environment and the command line to say.
#   job: anybody, a job.json too
#   name: a job may name what the program knows, not a folder, a file or a repository
#   limit: what the machine spends and how long it waits; in a job without effect, with a warning
#   power: an address, a folder, a program, a file that is read; in a job refused
Scope = Literal["job", "name", "limit", "power"]


def setting(
    default: Any,
    purpose: str,
    note: str = "",
    section: str = "",
    scope: Scope = "job",
    **limits: Any,
) -> Any:
    """Declare one parameter: a pydantic field that carries its own documentation.

    Args:
        default: The value that holds where no file and no environment says otherwise.
        purpose: One sentence for the reader of `config/.env.pipeline`, with the unit if any.
        note: Constraints, recommendations or the source of the number.
        section: Heading that starts here; empty when the field belongs to the one before.
        scope: Who may set it.
        limits: Pydantic constraints such as ge, le, min_length.

    Returns:
        A pydantic field with default, limits and documentation.
    """
    documented: dict[str, JsonValue] = {"note": note, "section": section, "scope": scope}
    return Field(default, description=purpose, json_schema_extra=documented, **limits)


Listener = Callable[[str, Any], None]


class RecordedReads(BaseModel):
    """A model that remembers which of its fields were read: the stage's true parameters."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)
    _reads: set[str] = PrivateAttr(default_factory=set)
    _listener: Listener | None = PrivateAttr(default=None)
    _lacks: set[str] = PrivateAttr(default_factory=set)

    def __getattribute__(self, name: str) -> Any:
        try:
            value = super().__getattribute__(name)
        except AttributeError:
            private = super().__getattribute__("__pydantic_private__")
            if private and not name.startswith(("_", "model_")) and name not in private["_lacks"]:
                private["_lacks"].add(name)
                if private["_listener"] is not None:
                    private["_listener"](name, None)
            raise
        if not name.startswith(("_", "model_")) and name in type(self).model_fields:
            private = super().__getattribute__("__pydantic_private__")
            if private and name not in private["_reads"]:
                private["_reads"].add(name)
                if private["_listener"] is not None:
                    private["_listener"](name, value)
        return value

    def listen(self, listener: Listener) -> None:
        """Have each field told when it is read for the first time.

        Args:
            listener: Called with the field's name and value, and with names that are no field.
        """
        self._listener = listener

    def parameters_read(self) -> dict[str, Any]:
        """Return the fields read so far with their values, keyed and sorted by upper-case name.

        What was asked for and is no field, as getattr(config, name, default) may, has no value.
        """
        values = self.model_dump(mode="json") | dict.fromkeys(self._lacks)
        return {name.upper(): values[name] for name in sorted(self._reads | self._lacks)}


class PipelineConfig(RecordedReads):
    """Validated pipeline configuration (standards 3.4).

    A name that is not declared here has no value: getattr(config, name, default) gives the default.
    """

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)
    _remarks: list[str] = PrivateAttr(default_factory=list)

    def origin(self, name: str) -> str:
        """Return where a value comes from, '' for the global file or the default.

        Args:
            name: A field.
        """
        return self._origins.get(name, "")

    def come_from(self, origins: dict[str, str]) -> None:
        """Note where values come from.

        Args:
            origins: Field to place.
        """
        self._origins = dict(origins)

    @property
    def remarks(self) -> list[str]:
        """What a person should know: a line for each value that a layer gives without effect."""
        return self._remarks

    def remark(self, lines: list[str]) -> None:
        """Note what a person should know.

        Args:
            lines: One for each value that a layer gives without effect.
        """
        self._remarks = lines

    @property
    def tmdb_api_key(self) -> str | None:
        """The key of TMDB as standards 6.4 read it: what load_secret() finds, never a parameter."""
        return load_secret("TMDB_API_KEY")

    debug: bool = setting(
        False,
        "Write tracebacks and debug messages to the logs",
        section="General",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = setting(
        "INFO", "Least severe message that reaches the logs"
    )
    log_format: Literal["text", "json"] = setting(
        "text", "Form of the log lines", "json is for log collectors (standards 5.5)"
    )
    log_max_mb: int = setting(
        50,
        "Size in MiB at which the log of one stage stops growing",
        "What a stage prints beyond it is read and dropped, so that the stage never blocks. The "
        "next run of the job puts a log of this size aside",
        ge=1,
        le=10_000,
        scope="limit",
    )
    log_max_days: float = setting(
        30.0,
        "Days after which the next run of a job puts a stage's log aside, and drops that of a run",
        "Counted from the last line; the logs of the latest runs stay, LOG_BACKUPS of them",
        gt=0,
        le=36_500,
        scope="limit",
    )
    log_backups: int = setting(
        3,
        "Logs put aside that are kept, of each stage: <log>.1 is the newest",
        ge=0,
        le=1000,
        scope="limit",
    )
    metrics_file: str = setting(
        "",
        "File to which each run adds its metrics when it ends, for node_exporter's textfile "
        "collector; a folder gets cp_whisperx.prom",
        "Empty = none. A relative path lies in the project. Runs at the same time add to one file; "
        "docs/MONITORING.md names the metrics",
        section="Monitoring",
        scope="power",
    )
    traces_endpoint: str = setting(
        "",
        "Address of a receiver of OpenTelemetry traces (OTLP over HTTP) to which each run is told "
        "when it ends",
        "Such as http://localhost:4318. Empty = what OTEL_EXPORTER_OTLP_ENDPOINT says, else none",
        scope="power",
    )
    health_disk_gb: float = setting(
        10.0,
        "GB that have to be free on the disk of all jobs for tools/health.py to call it ready",
        ge=0,
        le=1_000_000,
        scope="limit",
    )
    health_memory_gb: float = setting(
        2.0,
        "GB of memory that have to be available for tools/health.py to call the machine ready",
        ge=0,
        le=1_000_000,
        scope="limit",
    )
    health_stuck_seconds: float = setting(
        3600.0,
        "Time in seconds after which a running job that tells nothing counts as stuck",
        "A run stops a stage without progress after STAGE_STALL_SECONDS: what is silent for longer "
        "hangs somewhere else",
        gt=0,
        le=864_000,
        scope="limit",
    )

    device: Device = setting(
        "auto",
        "Compute device of the neural stages: auto, cpu, cuda, cuda:<number> or mps",
        "auto is resolved when the job is prepared; an explicit device is checked and kept",
        section="Hardware",
    )
    num_threads: int = setting(
        0,
        "CPU threads a stage may use",
        "0 = what tools/tune_recognition.py measured here, else as many as help; never more than "
        "the CPUs that this process may use",
        ge=0,
        le=256,
        scope="limit",
    )

    output_root: str = setting(
        "out",
        "Folder of all jobs",
        "A relative folder lies in the project",
        min_length=1,
        scope="limit",
    )
    deliver_to: str = setting(
        "",
        "Where results go under the film file's own name: empty (they stay in the job), beside "
        "(where the film lies), or a folder",
        "A relative folder lies in the project; the job keeps its copy; a file that is there "
        "already and is not ours stays",
        scope="power",
    )
    job_readers: Literal["owner", "group", "everyone"] = setting(
        "owner",
        "Who may look into a new job's folder: owner, group or everyone",
        "Where several people work on one machine, make OUTPUT_ROOT a folder that all may write to "
        "(chmod 1777): the folders of the days follow it",
        scope="limit",
    )
    report_clips: int = setting(
        40,
        "How many of the worst places of a film's page get their picture and sound",
        "The page, report.html in the job, is written at the end of each run. More make it larger, "
        "up to 2.5 MB of them; 0 = words alone",
        ge=0,
        le=1000,
        scope="limit",
    )
    cache_dir: str = setting(
        "",
        "Folder where the work of all jobs is found again",
        "Empty = .cache in OUTPUT_ROOT; on the same disk as the jobs, files share their space. "
        "tools/cache.py lists, prunes and verifies it",
        section="Cache",
        scope="limit",
    )
    cache_max_gb: float = setting(
        20.0,
        "Size in GB that the cache may have",
        "0 = no cache",
        ge=0,
        le=1_000_000,
        scope="limit",
    )
    cache_max_days: float = setting(
        30.0,
        "Days after which a result that no job used is dropped",
        gt=0,
        le=36_500,
        scope="limit",
    )

    stage_memory_mb: Annotated[int, AfterValidator(_enough_memory)] = setting(
        0,
        "Memory in MiB that a stage may take, all its processes together",
        "0 = all there is, else at least 200; a stage that runs out goes on with a smaller batch, "
        "int8, shorter chunks, or on the CPU, and the manifest says so. It is measured ten times a "
        "second: what a stage takes for less than that is not seen",
        section="Orchestration",
        ge=0,
        le=10_000_000,
        scope="limit",
    )
    batch_memory_mb: int = setting(
        0,
        "Memory in MiB that all stages of a batch may take together",
        "0 = three quarters of what there is. How much a stage takes is judged by what it took in "
        "the latest jobs, by a first guess else; one that wants more than all runs alone",
        ge=0,
        le=100_000_000,
        scope="limit",
    )
    watch_seconds: float = setting(
        30.0,
        "Time in seconds after which a watched folder is looked at again where the system tells "
        "of no change, as of a network folder",
        ge=0.1,
        le=86_400,
        scope="limit",
    )
    batch_fast_start: bool = setting(
        True,
        "Have a batch fork the processes of stages from warmed ones, one a stage",
        "Linux only. Costs the memory of those libraries, 0.03 to 0.2 GB a stage, for as long as "
        "the batch runs. A stage whose code has changed meanwhile gets a new one",
        scope="limit",
    )
    after_film_command: str = setting(
        "",
        "Program with its arguments that a batch starts after each film, for a media server that "
        "is to look again; empty = none",
        "No shell: quotes part arguments as in one. It is given the film as JSON on standard "
        "input (film, status, reason, job, delivered) and has a minute; that it fails is told and "
        "changes nothing",
        scope="power",
    )
    after_batch_command: str = setting(
        "",
        "Program with its arguments that a batch starts at its end, to tell somebody; empty = none",
        "As AFTER_FILM_COMMAND, with the whole of batch.json on standard input",
        scope="power",
    )
    notify_on: Annotated[str, AfterValidator(_occasions)] = setting(
        "end,failed,degraded",
        "What NOTIFY_URLS are told of: the end of a batch, a film that failed, one that is done "
        "without what did not answer",
        "NOTIFY_URLS are addresses as apprise takes them (mailto://, ntfy://, tgram://), with a "
        "space between two; they hold keys and belong into config/secrets.json or the environment",
        scope="limit",
    )
    cluster_certificates: str = setting(
        "config/cluster",
        "Folder of the certificates by which the machines of a cluster know each other",
        "As tools/cluster_certificates.py makes them; a relative one lies in the project. Used by "
        "batch --scheduler and tools/worker.sh",
        scope="power",
    )
    batch_still_seconds: float = setting(
        5.0,
        "Time in seconds for which a film that changed in the last two minutes is watched by a "
        "batch, which leaves it alone while it grows",
        ge=0,
        le=3600,
        scope="limit",
    )
    warm_start: bool = setting(
        True,
        "Start the next stage's process and its libraries while the present stage works",
        "Costs the memory of those libraries, about 0.1 to 0.4 GB. Not on a machine that is busy "
        "with more than it has CPUs for: there it costs time",
        scope="limit",
    )
    stage_timeout_factor: float = setting(
        30.0,
        "Longest run of one stage, as a multiple of its performance budget (standards 8.1)",
        gt=0,
        le=1000,
        scope="limit",
    )
    stage_timeout_minimum: float = setting(
        1800.0,
        "Time in seconds that every stage has at least",
        ge=1,
        le=86_400,
        scope="limit",
    )
    stage_stall_seconds: float = setting(
        1800.0,
        "Time in seconds without progress after which a stage is stopped and tried again",
        "While a stage does not tell how far it is, computing counts as progress; 0 = never",
        ge=0,
        le=86_400,
        scope="limit",
    )
    stage_retries: int = setting(
        2,
        "Further tries of a stage whose failure may pass",
        "An external program or service that failed (exit 4), a stall, a stray signal",
        ge=0,
        le=20,
        scope="limit",
    )
    stage_retry_seconds: float = setting(
        5.0,
        "Wait in seconds before the first of them; each further wait is twice as long",
        ge=0,
        le=3600,
        scope="limit",
    )
    stage_grace_seconds: float = setting(
        10.0,
        "Time in seconds between TERM and KILL for a stage told to stop",
        ge=0.1,
        le=600,
        scope="limit",
    )
    lock_wait_seconds: float = setting(
        5.0,
        "Time in seconds to wait for the remains of a killed run to end",
        "A job that another living run holds is refused at once (exit 3)",
        ge=0,
        le=600,
        scope="limit",
    )

    service_failures: int = setting(
        5,
        "Failures in a row after which a service (TMDB, a language model) is asked no more",
        "All jobs count together; one time-out of TMDB is enough",
        section="Services",
        ge=1,
        le=1000,
        scope="limit",
    )
    service_recovery_seconds: float = setting(
        300.0,
        "Time in seconds after which such a service is asked again, by one job first",
        "What was done without it is tried again by the next run",
        gt=0,
        le=86_400,
        scope="limit",
    )

    ffmpeg_timeout_seconds: float = setting(
        14_400.0,
        "Longest run of one ffmpeg call in seconds",
        section="Media",
        ge=1,
        le=864_000,
        scope="limit",
    )
    audio_loss_tolerance: float = setting(
        0.02,
        "Share of the sound that may be missing (a cut-off film); half a second always may",
        "A smaller loss is a recorded warning",
        ge=0,
        le=1,
    )
    audio_channels: Literal["auto", "left", "right", "centre", "mix", "difference"] = setting(
        "auto",
        "Which channels of the sound are heard",
        "auto = chosen by listening when the job is prepared: the one that somebody speaks in, "
        "difference where left and right are of opposite phase, the left one where each has a "
        "language of its own; else all, and the centre of surround sound",
    )

    tmdb_enabled: bool = setting(
        True, "Ask TMDB for cast, crew and titles when there is a key", section="TMDB"
    )
    tmdb_language: str = setting("en-US", "Language of the TMDB texts", "BCP-47", min_length=2)
    tmdb_timeout_seconds: float = setting(
        10.0,
        "Time in seconds for one TMDB answer",
        gt=0,
        le=120,
        scope="limit",
    )
    tmdb_attempts: int = setting(
        3,
        "Tries for one TMDB call",
        "A call that had no answer in its time is not tried again",
        ge=1,
        le=10,
        scope="limit",
    )
    tmdb_base_url: str = setting(
        "https://api.themoviedb.org/3",
        "Address of the TMDB service",
        "A mirror or a test server",
        scope="power",
    )

    glossary_enabled: bool = setting(
        True, "Use the term glossary in recognition and translation", section="Glossary"
    )
    glossary_files: Names = setting(
        [],
        "Glossary files (.tsv or .csv) to use, comma-separated",
        "Empty = glossary/<Title (Year)>.tsv, terms.tsv and learned.tsv there, or .csv",
        scope="power",
    )
    glossary_strict: bool = setting(
        False,
        "Refuse a glossary with a faulty line",
        "false = the line is left out, the film goes on, and the stage's warnings name it",
    )
    glossary_min_confidence: float = setting(
        0.8,
        "Words of transcript and translation that are this near to a term are written as the term",
        "1 = only spellings that the glossary lists. Each correction is kept with its confidence",
        ge=0.7,
        le=1,
    )

    source_separation: Literal["auto", "off", "center", "demucs"] = setting(
        "auto",
        "How speech is freed from music and effects before recognition",
        "auto = the centre channel of 5.1 or 7.1 sound where there is one (left and right where it "
        "is silent: songs), otherwise off",
        section="Source separation",
    )
    demucs_model: str = setting(
        "htdemucs",
        "Demucs model",
        min_length=1,
        scope="name",
    )
    demucs_repo: str = setting(
        "",
        "Folder with Demucs models",
        "Empty = the model store: tools/models.py list demucs",
        scope="power",
    )
    demucs_segment: float = setting(
        7.8, "Length in seconds that Demucs works on at a time", gt=0, le=60
    )
    demucs_overlap: float = setting(0.25, "Overlap of those pieces, as a share", ge=0, lt=1)

    vad_engine: Literal["auto", "pyannote", "silero"] = setting(
        "auto",
        "Detector of speech",
        "auto = pyannote, and Silero where pyannote cannot run",
        section="Speech detection",
    )
    vad_weights: str = setting(
        "",
        "Pyannote segmentation weights: a file, a folder or a model of the hub",
        "Empty = those in the whisperx package; pyannote/segmentation-3.0 wants HF_TOKEN",
        scope="power",
    )
    vad_onset: float = setting(0.5, "Speech probability at which a region begins", gt=0, lt=1)
    vad_offset: float = setting(0.363, "Speech probability below which it ends", gt=0, lt=1)
    vad_min_speech: float = setting(0.1, "Shorter regions are dropped, seconds", ge=0, le=5)
    vad_min_silence: float = setting(0.1, "Shorter silences are closed, seconds", ge=0, le=5)
    vad_pad: float = setting(0.05, "What a region gains on either side, seconds", ge=0, le=2)
    vad_max_speech: float = setting(
        12.0,
        "Longer regions are cut where speech is least likely, seconds",
        "Pieces are heard together again; this only says where a second try may cut",
        ge=2,
        le=29,
    )
    vad_floor_db: float = setting(
        -60.0, "What is quieter is silence, dB below full scale", ge=-120, le=0
    )
    diarization: Literal["off", "auto", "pyannote", "embedding"] = setting(
        "off",
        "Who speaks when: speakers are told apart and named SPEAKER_00, SPEAKER_01, …",
        "Off because it takes time and is not always right (docs/PERFORMANCE.md); embedding = "
        "segmentation-3.0 and CAM++, which come in a package; auto = pyannote's pipeline where its "
        "models are, else embedding",
        section="Speakers",
    )
    diarization_model: str = setting(
        "pyannote/speaker-diarization-community-1",
        "Pyannote's diarization pipeline: a folder or a model of the hub",
        "Wants the secret HF_TOKEN to be fetched",
        scope="name",
    )
    min_speakers: int = setting(1, "At least so many speakers", ge=1, le=100)
    max_speakers: int = setting(
        0,
        "At most so many speakers, 0 = no limit",
        "The same as MIN_SPEAKERS = exactly so many; the larger of the two holds",
        ge=0,
        le=100,
    )
    speaker_distance: float = setting(
        0.0,
        "Voices further apart are two speakers (embedding): cosine distance, 0 = what suits them",
        "Lower: more speakers. What suits CAM++ is 0.32",
        ge=0,
        lt=1,
    )

    asr_engine: Literal["auto", "whisperx", "whisperx-batched", "mlx"] = setting(
        "auto",
        "Engine of speech recognition",
        "whisperx runs Whisper through CTranslate2, on CUDA or CPU; whisperx-batched is the "
        "library whisperx itself: no second try of a doubtful text at higher temperatures, 5 s "
        "more to start; mlx runs on Apple's GPU, without a beam search. auto = mlx on Apple "
        "Silicon where its environment is, else whisperx",
        section="Speech recognition",
    )
    whisper_model: str = setting(
        "auto",
        "Whisper model: a size, a hub repository or a folder",
        "auto is chosen for the hardware when the job is prepared; an automatically chosen model "
        "that cannot be had gives way to base, and the job says so",
        min_length=1,
        scope="name",
    )
    compute_type: Literal["auto", "int8", "int8_float16", "float16", "float32"] = setting(
        "auto", "Number format of the Whisper weights at work", "int8 on a CPU, float16 on a GPU"
    )
    batch_size: Annotated[int, BeforeValidator(_zero_if_auto)] = setting(
        0,
        "Windows of speech that whisperx recognises at once, or auto",
        "0 and auto are resolved when the job is prepared: what tools/tune_recognition.py measured "
        "here; else 8 on a GPU, 4 on a CPU. On a GPU never more than fit the memory that is free",
        ge=0,
        le=128,
    )
    asr_multilingual: bool = setting(
        False, "Detect the language of every speech region", "For films that switch languages"
    )
    language_windows: int = setting(
        8, "Stretches of speech heard to find the main language", ge=1, le=100
    )
    language_switch_probability: float = setting(
        0.7, "A region speaks another language only from this probability on", ge=0, le=1
    )
    language_switch_ratio: float = setting(
        5.0, "And only if it is so many times as probable as the main language", ge=1, le=1000
    )
    language_switch_seconds: float = setting(
        1.5, "And only if the region is at least this long, seconds", ge=0, le=30
    )
    asr_beam_size: int = setting(5, "Beams of the search", ge=1, le=20)
    whisper_temperature: Numbers = setting(
        [0.0, 0.2, 0.4, 0.6],
        "Sampling temperatures, tried in turn while the text looks wrong",
        "0.0 = deterministic",
        min_length=1,
    )
    asr_chunk_length: float = setting(
        29.5, "Speech that Whisper hears at once, seconds", "Its window is 30 s", ge=1, le=30
    )
    asr_max_gap: float = setting(
        2.0,
        "A longer silence is shortened to this in what is heard at once, seconds",
        "In what is heard again it separates",
        ge=0,
        le=30,
    )
    asr_context: float = setting(0.2, "Sound heard on either side of speech, seconds", ge=0, le=5)
    asr_max_pause: float = setting(1.0, "A longer silence ends a segment, seconds", ge=0.1, le=30)
    asr_word_pause: float = setting(
        0.1, "No word crosses a longer stretch without speech, seconds", ge=0.05, le=2
    )
    asr_carry_context: bool = setting(
        True, "What was heard guides what follows, within what is heard at once"
    )
    asr_max_segment: float = setting(
        15.0, "Pieces of a sentence are joined up to this length, seconds", ge=1, le=30
    )
    asr_min_confidence: float = setting(
        0.37,
        "Text below this mean token probability is doubted",
        "What is doubted on several counts is kept apart with its evidence, never deleted",
        ge=0,
        le=1,
    )
    asr_max_no_speech: float = setting(
        0.6, "Text above this probability of no speech is doubted", ge=0, le=1
    )
    asr_max_compression: float = setting(
        2.4, "Text that compresses better than this ratio repeats itself", ge=1, le=20
    )
    asr_min_word_confidence: float = setting(
        0.35, "Text whose words have a lower mean probability is doubted", ge=0, le=1
    )
    asr_min_speech_score: float = setting(
        0.35, "Text over sound with less speech probability is doubted", ge=0, le=1
    )
    asr_max_characters_per_second: float = setting(
        40.0, "Text faster than any mouth is doubted", ge=10, le=1000
    )
    asr_initial_prompt: str = setting("", "Text that recognition starts from")
    asr_hotwords_length: int = setting(
        0,
        "Characters of glossary words given to recognition",
        "0 = none; glossary/README.md says what was measured",
        ge=0,
        le=800,
    )

    alignment_engine: Literal["auto", "wav2vec2", "mms", "attention"] = setting(
        "auto",
        "How words are timed",
        "auto = each segment by the wav2vec2 model of its language, else by the multilingual mms, "
        "else by Whisper's attention; wav2vec2 = the same, but the film's language must have a "
        "model; mms = all by mms, which must be there",
        section="Alignment",
    )
    alignment_model: str = setting(
        "",
        "Wav2Vec2ForCTC model: a folder or a hub repository",
        "For the film's language (for all, with ALIGNMENT_ENGINE=mms); empty = wav2vec2/<language> "
        "and wav2vec2/mms of the model store",
        scope="name",
    )
    alignment_batch_size: int = setting(
        0, "Segments aligned in one pass", "0 = 8 on a GPU, 1 on a CPU", ge=0, le=256
    )
    alignment_chunk_length: float = setting(
        30.0, "Longer segments are heard in pieces of this length, seconds", ge=5, le=300
    )

    script_policy: Literal["keep", "devanagari", "roman"] = setting(
        "devanagari",
        "What becomes of Hindi in Urdu or Roman letters, as small Whisper models write it",
        "devanagari = written anew from its sounds where known words bear it out, with what was "
        "heard and the evidence in the transcript; keep = only measured and marked; roman = the "
        "transcript in readable Hinglish. -t hi-Latn makes a Hinglish track beside the others. "
        "Wants ./bootstrap.sh --env indictrans2",
        section="Script",
    )
    script_english: Literal["latin", "devanagari"] = setting(
        "latin", "Letters of English words in Hindi that was heard in Roman letters"
    )
    script_loans: Literal["devanagari", "latin"] = setting(
        "devanagari",
        "Letters of English words that were heard in Devanagari (स्टेशन, टिकट)",
        "latin = put back into Latin letters (station, ticket) where the word's spelling or a list "
        "bears it out, each with its evidence in the transcript. What is Hindi, too (बस), reshaped "
        "(अस्पताल), inflected (स्टेशनों) or a name stays. With SCRIPT_POLICY=keep nothing changes",
    )
    script_min_known: float = setting(
        0.5,
        "Share of the words of a line that must be known words for it to be written anew",
        "With fewer the line stays as it is and is marked as in the wrong script",
        ge=0,
        le=1,
    )

    lyrics_enabled: bool = setting(True, "Find out which lines are sung", section="Songs")
    lyrics_margin: float = setting(
        1.0, "Log-odds of singing against speech from which a line is sung", ge=-10, le=10
    )
    lyrics_neighbour_margin: float = setting(
        0.0, "The same for a line next to a sung one", ge=-10, le=10
    )
    lyrics_min_music: float = setting(
        0.4, "Least mean probability of music under a sung line", ge=0, le=1
    )
    lyrics_max_gap: float = setting(
        5.0, "Longest pause in seconds between a sung line and its neighbour", ge=0, le=60
    )
    lyrics: Literal["translate", "keep", "drop"] = setting(
        "translate",
        "What subtitles show of sung lines",
        "translate = like speech; keep = in the language they are sung in; drop = nothing. The "
        "transcript has them always",
    )

    sdh: Literal["off", "on"] = setting(
        "off",
        "Add a track for deaf viewers to each subtitle track: <title>.<language>.sdh.srt",
        "With [sounds] where nobody speaks, and with the names of speakers that a glossary gives. "
        "Languages without names for sounds have English ones, and a warning",
        section="Sounds",
    )
    sound_onset: float = setting(
        0.5,
        "Probability at which a sound begins",
        "Water, rain and wind begin at 0.97: steady noise passes for them below",
        gt=0,
        lt=1,
    )
    sound_offset: float = setting(0.2, "Probability below which it ends", gt=0, lt=1)
    sound_min_length: float = setting(
        1.4, "Shorter sounds are left out, but shots, knocks and the like, seconds", ge=0, le=30
    )
    sound_max_gap: float = setting(
        2.0, "Shorter breaks in a sound are closed, seconds", ge=0, le=30
    )

    translation_engine: Literal["auto", "whisper", "indictrans2", "nllb", "llm"] = setting(
        "auto",
        "Engine of translation",
        "auto = a language model where one is set, IndicTrans2 between Indian languages and "
        "English, NLLB, and Whisper into English: the first that is here. Whisper hears the speech "
        "again",
        section="Translation",
    )
    translation_fallbacks: Names = setting(
        ["nllb", "whisper"],
        "Engines that are asked for what the first one gave no usable text for, comma-separated",
        "One that is not installed or does not know the languages is left out",
    )
    allow_untranslated: bool = setting(
        False,
        "Whether a run that could not translate every line ends with exit code 0",
        "false = with 4. In both cases it is in no cache; what a service, an engine that was not "
        "there or a language model left out is tried again by the next run",
    )
    translation_batch_size: int = setting(
        16, "Lines an engine is given at once", "Fewer where its memory is small", ge=1, le=512
    )
    translation_beam_size: int = setting(5, "Beams of IndicTrans2 and NLLB", ge=1, le=20)
    translation_context_lines: int = setting(
        4, "Lines before, shown to engines that use context", ge=0, le=50
    )
    translation_attempts: int = setting(
        4,
        "Tries of one call while the engine says that it may answer in a moment",
        ge=1,
        le=20,
        scope="limit",
    )
    translation_answer_seconds: float = setting(
        900.0,
        "Longest time without an answer after which an engine counts as hung, seconds",
        "Loading its model counts too",
        ge=1,
        le=86_400,
        scope="limit",
    )
    indictrans2_models: Names = setting(
        [],
        "IndicTrans2 models, one a direction: names, hub repositories or folders, comma-separated",
        "Empty = the published ones that the pair needs, the distilled ones first; between two "
        "Indian languages without a model of their own by way of English",
        scope="name",
    )
    nllb_model: str = setting(
        "nllb-200-distilled-600M",
        "NLLB model: a name, a hub repository or a folder",
        min_length=1,
        scope="name",
    )
    llm_provider: Literal["openai", "anthropic", "local"] = setting(
        "openai",
        "Interface of the language model",
        "openai = every compatible service: Ollama, llama.cpp, vLLM, OpenAI; local = a GGUF file, "
        "run by llama.cpp on this machine",
        section="Language model",
        scope="power",
    )
    llm_base_url: str = setting(
        "",
        "Address of the service",
        "Empty = the provider's own. The key is LLM_API_KEY",
        scope="power",
    )
    llm_model: str = setting(
        "",
        "Model that translates, as the service calls it; with LLM_PROVIDER=local its file",
        "Empty = no language model is used",
        scope="power",
    )
    llm_timeout_seconds: float = setting(
        120.0,
        "Longest silence of a language model in seconds, before its first word and between two",
        "Where its service does not stream, the time for a whole answer",
        gt=0,
        le=3600,
        scope="limit",
    )

    subtitle_profile: Literal["netflix", "bbc"] = setting(
        "netflix",
        "Whose rules subtitles keep to",
        "bbc gives each speaker a colour where DIARIZATION tells them apart",
        section="Subtitles",
    )
    subtitle_audience: Literal["adult", "child"] = setting(
        "adult", "Who reads the subtitles", "Children get more time"
    )
    subtitle_line_length: int = setting(
        0, "Characters in a line", "0 = the profile's number: 42 (netflix) or 37", ge=0, le=120
    )
    subtitle_max_lines: int = setting(
        0, "Lines in a cue", "0 = the profile's number: 2", ge=0, le=3
    )
    subtitle_reading_speed: float = setting(
        0.0,
        "Most characters to be read in a second",
        "0 = the profile's number for language and audience, e.g. 22 for Hindi",
        ge=0,
        le=60,
    )
    subtitle_min_duration: float = setting(
        0.0, "Shortest cue in seconds", "0 = the profile's number: 5/6, 20 frames at 24", ge=0, le=5
    )
    subtitle_max_duration: float = setting(
        0.0, "Longest cue in seconds", "0 = the profile's number: 7", ge=0, le=30
    )
    subtitle_gap_frames: int = setting(
        0, "Frames between cues", "0 = the profile's number: 2 (netflix) or none", ge=0, le=12
    )
    subtitle_shot_changes: bool = setting(
        True,
        "Keep cues clear of shot changes",
        "The picture is decoded once to find them",
    )
    subtitle_line_counting: Literal["graphemes", "code_points"] = setting(
        "graphemes",
        "What counts as a character of a line",
        "graphemes = a letter with its vowel signs is one",
    )
    subtitle_speed_counting: Literal["graphemes", "code_points"] = setting(
        "code_points", "What counts as a character of the reading speed"
    )
    subtitle_formats: SubtitleFormats = setting(
        ["srt", "vtt", "ass"],
        "Formats of the subtitle files: srt, vtt, ass, ttml",
        "srt is always written: the film gets it",
    )
    subtitle_italics: Literal["auto", "on", "off"] = setting(
        "auto", "Whether songs are in italics", "auto = as profile and language have it"
    )
    subtitle_highlights: bool = setting(
        False, "Let words light up as they are said", "In ASS files only"
    )
    subtitle_font: str = setting(
        "", "Font of ASS files", "Empty = Noto Sans, of the script that the language needs"
    )

    subtitles_sync: bool = setting(
        False,
        "Bring the times of --subtitles to where somebody speaks in the film, as --sync does",
        "By an offset, and another speed where it was made for one (23.976, 24, 25). Refused where "
        "it is not sure",
    )
    bilingual: str = setting(
        "",
        "One more subtitle track with two languages in each cue, the first above: en+hi",
        "Each is the spoken language or one of -t. Empty = none",
        pattern=r"^([A-Za-z0-9-]+\+[A-Za-z0-9-]+)?$",
    )
    bilingual_style: Literal["plain", "italic"] = setting(
        "plain", "How the lower language of BILINGUAL stands", "italic = in italics"
    )

    output_container: Literal["mkv", "mp4"] = setting(
        "mkv",
        "Container of the finished film",
        "mkv holds every stream as it is; mp4 holds no attachments and no picture subtitles",
        section="Film",
    )
    mux_subtitles: Literal["srt", "ass"] = setting(
        "srt",
        "Form of the subtitle tracks in Matroska",
        "ass keeps style and colours, and its font is attached; MP4 has a form of its own",
    )
    mux_untranslated: float = setting(
        0.5,
        "Largest share of untranslated lines with which a subtitle track goes into the film",
        "Such a track is titled so and is not the default one; the subtitle file is there anyhow",
        ge=0,
        le=1,
    )
    default_subtitle: str = setting(
        "auto",
        "Track that players switch on: auto, none, or a track's name such as hi or en.sdh",
        "auto = the first translation that is whole",
        min_length=1,
    )
    burn_in: str = setting(
        "",
        "Subtitles to draw into the picture: a track's name such as hi",
        "Empty = none. The picture is encoded anew, which takes long",
    )
