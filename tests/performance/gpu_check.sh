#!/usr/bin/env bash
# GPU check: what only a CUDA machine can tell, in under eight minutes. Where there is no GPU it says so (exit 3).
#
# Usage: tests/performance/gpu_check.sh [CLIPS.json]     (default: the spoken test lines)
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L | grep -q GPU; then
  echo "error: no NVIDIA GPU on this machine: nothing was checked" >&2
  echo "hint: run it on a machine where nvidia-smi lists one" >&2
  exit 3
fi
work=$(mktemp -d)
hog=""
trap '[ -n "$hog" ] && kill "$hog" 2>/dev/null; rm -rf "$work"' EXIT
failed=0
step() {  # step NAME SECONDS COMMAND…
  local name=$1 seconds=$2 began=$SECONDS
  shift 2
  echo "== $name"
  timeout "$seconds" "$@" || { echo "FAILED ($?): $name"; failed=1; }
  echo "-- $((SECONDS - began)) s"
}

step "environments" 150 ./bootstrap.sh --profile cuda --env common --env whisperx --env pyannote --env demucs
python=venv/whisperx/bin/python
step "libraries" 30 "$python" -c '
import sys
sys.path.insert(0, ".")
from scripts.runtime.cuda_libraries import preload
print(len(preload()), "CUDA libraries of the environment loaded")
import ctranslate2
print("CTranslate2", ctranslate2.__version__, "sees", ctranslate2.get_cuda_device_count(), "GPU(s)")
print("number formats:", *sorted(ctranslate2.get_supported_compute_types("cuda")))
'
step "formats and batches" 90 "$python" tools/tune_recognition.py --device cuda

clips=${1:-$work/clips.json}
if [ $# -eq 0 ]; then
  venv/common/bin/python - "$clips" <<'PYTHON'
import json, pathlib, sys
folder = pathlib.Path("tests/fixtures/speech").resolve()
lines = json.loads((folder / "lines.json").read_text(encoding="utf-8"))
clips = [
    {"id": one["id"], "path": str(folder / f"{one['id']}.opus"), "language": one["language"],
     "reference_text": one["text"]}
    for one in lines
]
pathlib.Path(sys.argv[1]).write_text(json.dumps(clips), encoding="utf-8")
PYTHON
fi
step "table" 150 venv/common/bin/python tests/performance/compare_engines.py --manifest "$clips" \
  --device cuda --runs 1

# All but 200 MB of the GPU is taken: the stage must go down its ladder and end with a transcript.
"$python" -c '
import sys, time, torch
free, _ = torch.cuda.mem_get_info()
held = torch.empty(max(0, free - 200 * 2**20), dtype=torch.uint8, device="cuda")
print("held", flush=True)
time.sleep(300)
' > "$work/held" &
hog=$!
for _ in $(seq 60); do [ -s "$work/held" ] && break; sleep 0.5; done
film=tests/fixtures/speech/en-01.opus
step "out of memory" 90 env DEVICE=cuda WHISPER_MODEL=base CP_OUTPUT_ROOT="$work/out" \
  ./run-pipeline.sh transcribe "$film" -s en
grep -h -A12 '"rungs"' "$work"/out/*/*/*/*/1/.checkpoints/asr.json
[ $failed -eq 0 ] && echo "All checks passed in $SECONDS s" || echo "Some checks failed"
exit $failed
