#!/usr/bin/env python3
"""Tests of shared/hardware_detection.py and what shared/core/machine finds."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from shared.core.errors import InputError, UnavailableError
from shared.core.machine.cgroup import is_busy, usable_cpus, usable_memory_mb
from shared.core.machine.nvidia import GPU, gpu_trouble
from shared.core.machine.tuning import Tuning, keep_tuning, read_tuning, tuning_key
from shared.hardware_detection import (
    DeviceMemory,
    Hardware,
    Profile,
    detect_device,
    detect_hardware,
    device_memory,
    recommend,
)
from shared.models.catalogue import describe

# What nvidia-smi prints for the query that we make: index, uuid, name, memory in MiB.
TWO_GPUS = "0, GPU-aaaa-1, NVIDIA A100-SXM4-40GB, 40960\n1, GPU-bbbb-2, Tesla T4, 15360\n"


def machine(
    profile: Profile = "cpu", cpus: int = 4, memory_mb: int = 16_384, gpus: tuple[GPU, ...] = ()
) -> Hardware:
    """Return a made-up machine."""
    device = {"cpu": "cpu", "cuda": "cuda", "mlx": "mps"}[profile]
    return Hardware(profile, device, cpus, memory_mb, gpus, "linux", "x86_64")


@pytest.fixture
def nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named nvidia-smi, alone on PATH, that prints what listing.txt beside it holds."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text(
        '#!/bin/sh\nwhile read -r line; do echo "$line"; done < "${0%/*}/listing.txt"\n'
    )
    program.chmod(0o755)
    (folder / "listing.txt").write_text(TWO_GPUS)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    return program


def test_gpus_are_found_with_their_memory(nvidia_smi: Path, tmp_path: Path) -> None:
    hardware = detect_hardware(tmp_path / "cache.json")
    assert hardware.profile == "cuda"
    assert hardware.device == "cuda"
    assert hardware.gpus == (GPU("NVIDIA A100-SXM4-40GB", 40960), GPU("Tesla T4", 15360))


@pytest.mark.parametrize(
    ("visible", "names"),
    [
        ("1", ["Tesla T4"]),
        ("1,0", ["Tesla T4", "NVIDIA A100-SXM4-40GB"]),
        ("GPU-bbbb", ["Tesla T4"]),
        ("0,7,1", ["NVIDIA A100-SXM4-40GB"]),
        ("", []),
        ("-1", []),
    ],
)
def test_cuda_visible_devices_hides_gpus(
    nvidia_smi: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    visible: str,
    names: list[str],
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    hardware = detect_hardware(tmp_path / "cache.json")
    assert [gpu.name for gpu in hardware.gpus] == names
    assert (hardware.profile == "cuda") == bool(names)


def test_a_broken_driver_means_no_gpu(nvidia_smi: Path, tmp_path: Path) -> None:
    nvidia_smi.write_text("#!/bin/sh\necho 'NVIDIA-SMI has failed'\nexit 9\n")
    assert detect_hardware(tmp_path / "cache.json").profile != "cuda"


@pytest.mark.parametrize(
    ("program", "words"),
    [
        (
            "#!/bin/sh\necho 'NVIDIA-SMI has failed: no driver'\nexit 9\n",
            "fails: NVIDIA-SMI has fa",
        ),
        ("#!/bin/sh\necho 'library mismatch' >&2\nexit 18\n", "fails: library mismatch"),
        ("#!/bin/sh\nexit 6\n", "fails: exit code 6"),
        ("#!/bin/sh\n", "lists no GPU"),
        ("#!/does/not/exist\n", "does not answer: No such file"),
    ],
)
def test_a_broken_driver_is_told_in_words(nvidia_smi: Path, program: str, words: str) -> None:
    nvidia_smi.write_text(program)
    assert words in gpu_trouble()


def test_a_driver_that_hangs_is_told(nvidia_smi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nvidia_smi.write_text("#!/bin/sh\nwhile :; do :; done\n")
    monkeypatch.setattr("shared.core.machine.nvidia.NVIDIA_SMI_TIMEOUT_SECONDS", 0.2)
    assert gpu_trouble().startswith("nvidia-smi does not answer: no answer in")


def test_hidden_gpus_are_told_and_working_ones_are_no_trouble(
    nvidia_smi: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert gpu_trouble() == ""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "-1")
    assert gpu_trouble() == "CUDA_VISIBLE_DEVICES=-1 hides every GPU"


def test_free_memory_of_a_gpu_is_asked_afresh(nvidia_smi: Path, tmp_path: Path) -> None:
    hardware = detect_hardware(tmp_path / "cache.json")
    (nvidia_smi.parent / "listing.txt").write_text(TWO_GPUS.replace("15360", "700"))
    assert device_memory("cuda:1", hardware) == DeviceMemory(15360, 700)
    nvidia_smi.unlink()
    assert device_memory("cuda:1", hardware) == DeviceMemory(15360, None)
    with pytest.raises(UnavailableError):
        device_memory("cuda:2", hardware)


def test_memory_of_the_cpu_is_that_of_the_machine() -> None:
    memory = device_memory("cpu", machine(memory_mb=1234))
    assert memory.total_mb == 1234
    assert memory.free_mb is None or memory.free_mb > 0


def test_mlx_is_apples_gpu() -> None:
    assert detect_device("mlx", machine("mlx")) == "mps"


def test_the_cache_is_used_until_the_machine_changes(
    nvidia_smi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "config" / "hardware_cache.json"
    first = detect_hardware(cache)
    (nvidia_smi.parent / "listing.txt").write_text("0, GPU-cccc, Another, 8192\n")
    assert detect_hardware(cache) == first
    assert detect_hardware(cache, refresh=True).gpus == (GPU("Another", 8192),)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert detect_hardware(cache).gpus == ()


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"schema_version": 1}'])
def test_a_damaged_cache_is_replaced(tmp_path: Path, damage: str) -> None:
    cache = tmp_path / "cache.json"
    found = detect_hardware(cache)
    cache.write_text(damage)
    assert detect_hardware(cache) == found
    assert json.loads(cache.read_text())["hardware"]["cpu_count"] == found.cpu_count


def test_the_cache_holds_the_recommendation_and_leaves_no_draft(tmp_path: Path) -> None:
    hardware = detect_hardware(tmp_path / "cache.json")
    document = json.loads((tmp_path / "cache.json").read_text())
    assert document["recommended"]["whisper_model"] == recommend(hardware).whisper_model
    assert [path.name for path in tmp_path.iterdir()] == ["cache.json"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("a file where the folder should be")
    assert detect_hardware(tmp_path / "config" / "cache.json").cpu_count >= 1


@pytest.mark.parametrize("requested", ["auto", "AUTO", " auto "])
def test_auto_is_the_best_device(requested: str) -> None:
    assert detect_device(requested, machine("mlx")) == "mps"
    assert detect_device(requested, machine()) == "cpu"


def test_an_explicit_device_wins() -> None:
    gpu = machine("cuda", gpus=(GPU("T4", 15360), GPU("T4", 15360)))
    assert detect_device("cpu", gpu) == "cpu"
    assert detect_device("cuda:1", gpu) == "cuda:1"


@pytest.mark.parametrize("requested", ["cuda", "cuda:0", "mps", "mlx"])
def test_a_device_that_is_not_there_is_refused(requested: str) -> None:
    with pytest.raises(UnavailableError) as caught:
        detect_device(requested, machine())
    assert caught.value.exit_code == 3
    assert "auto" in caught.value.hint


def test_a_gpu_index_past_the_last_is_refused() -> None:
    with pytest.raises(UnavailableError):
        detect_device("cuda:1", machine("cuda", gpus=(GPU("T4", 15360),)))


@pytest.mark.parametrize("requested", ["gpu", "", "cuda:", "cuda:x", "tpu"])
def test_a_word_that_is_no_device_is_invalid(requested: str) -> None:
    with pytest.raises(InputError):
        detect_device(requested, machine())


def test_bigger_machines_get_bigger_models() -> None:
    order = ["base", "small", "medium", "large-v3"]
    cpus = [machine(cpus=count, memory_mb=count * 2048) for count in (2, 8, 16)]
    gpus = [machine("cuda", gpus=(GPU("x", memory),)) for memory in (4096, 8192, 24_576)]
    for row in (cpus, gpus):
        models = [order.index(recommend(hardware).whisper_model) for hardware in row]
        assert models == sorted(models) and models[0] < models[-1]
    assert recommend(cpus[-1]).compute_type == "int8"
    assert recommend(gpus[-1]).compute_type == "float16"


def test_many_cpus_with_little_memory_get_a_small_model() -> None:
    assert recommend(machine(cpus=64, memory_mb=4096)).whisper_model == "base"


def test_the_model_suits_the_device_that_is_meant_not_the_best_one() -> None:
    gpus = (GPU("A100", 40_960), GPU("T400", 4_096))
    both = machine("cuda", cpus=4, gpus=gpus)
    models = {name: recommend(both, name) for name in ("auto", "cuda", "cuda:1", "cpu", "cuda:2")}
    assert models["auto"] == models["cuda"] == recommend(machine("cuda", gpus=gpus[:1]))
    assert models["cuda:1"] == recommend(machine("cuda", gpus=gpus[1:]))
    assert models["cpu"] == models["cuda:2"] == recommend(machine(cpus=4))
    apple = machine("mlx", cpus=8, memory_mb=32_768)
    assert recommend(apple).whisper_model == "large-v3"
    assert recommend(apple, "cpu") == recommend(machine(cpus=8, memory_mb=32_768))


def test_what_is_recommended_is_known_to_its_engine() -> None:
    for hardware in (
        *(machine("cuda", gpus=(GPU("x", size),)) for size in (2_048, 8_192, 81_920)),
        *(machine(cpus=count, memory_mb=32_768) for count in (1, 8, 64)),
    ):
        assert describe("whisper", recommend(hardware).whisper_model).size_mb
    for memory in (8_192, 65_536):
        assert describe("mlx", recommend(machine("mlx", memory_mb=memory)).whisper_model).size_mb


def write(path: Path, text: str) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_cgroup_version_2_limits_count_at_every_level(tmp_path: Path) -> None:
    membership, root = tmp_path / "membership", tmp_path / "cgroup"
    write(membership, "0::/batch/job7\n")
    write(root / "batch" / "cpu.max", "150000 100000\n")
    write(root / "batch" / "job7" / "cpu.max", "max 100000\n")
    write(root / "batch" / "job7" / "memory.max", f"{512 * 2**20}\n")
    assert usable_cpus(root, membership) == 1
    assert usable_memory_mb(root, membership) == 512


def test_cgroup_version_1_limits_count(tmp_path: Path) -> None:
    membership, root = tmp_path / "membership", tmp_path / "cgroup"
    write(membership, "4:memory:/job\n3:cpu,cpuacct:/job\n")
    write(root / "cpu,cpuacct" / "job" / "cpu.cfs_quota_us", "100000\n")
    write(root / "cpu,cpuacct" / "job" / "cpu.cfs_period_us", "100000\n")
    write(root / "memory" / "job" / "memory.limit_in_bytes", f"{256 * 2**20}\n")
    assert usable_cpus(root, membership) == 1
    assert usable_memory_mb(root, membership) == 256


def test_without_limits_the_whole_machine_counts(tmp_path: Path) -> None:
    write(tmp_path / "membership", "0::/\n")
    write(tmp_path / "cgroup" / "memory.max", "max\n")
    write(tmp_path / "cgroup" / "cpu.max", "max 100000\n")
    cpus = usable_cpus(tmp_path / "cgroup", tmp_path / "membership")
    expected = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert cpus == expected
    assert usable_memory_mb(tmp_path / "cgroup", tmp_path / "membership") > 256


@pytest.mark.parametrize(("share", "busy"), [(0.0, False), (1.0, False), (1.01, True), (9.0, True)])
def test_a_machine_is_busy_when_more_wants_to_compute_than_it_has_cpus(
    share: float, busy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = share * usable_cpus()
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 0.0, 99.0))
    assert is_busy() is busy


def test_what_was_measured_stays_until_the_machine_changes(
    nvidia_smi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "hardware_cache.json"
    key, best = tuning_key("base", "cpu", "int8"), Tuning(batch_size=6, threads=2, speed=14.5)
    with pytest.raises(InputError, match="is not there"):
        keep_tuning(cache, key, best)
    detect_hardware(cache)
    keep_tuning(cache, key, best)
    keep_tuning(cache, tuning_key("small", "cpu", "int8"), Tuning(2, 1, 3.0))
    detect_hardware(cache, refresh=True)
    assert read_tuning(cache, key) == best
    assert read_tuning(cache, tuning_key("base", "cuda", "int8")) is None
    monkeypatch.setenv("PATH", str(tmp_path))
    detect_hardware(cache)
    assert read_tuning(cache, key) is None


@pytest.mark.parametrize(
    "measured",
    ["[]", "1", '{"k": 1}', '{"k": {}}', '{"k": {"batch_size": 0, "threads": 1, "speed": 1}}'],
)
def test_a_measurement_that_cannot_be_is_none(tmp_path: Path, measured: str) -> None:
    cache = tmp_path / "cache.json"
    cache.write_text(f'{{"measured": {measured}}}')
    assert read_tuning(cache, "k") is None
