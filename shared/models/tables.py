#!/usr/bin/env python3
"""
Tables: the models that can be fetched, a row each; catalogue.py makes Models of them.

Usage:
    from shared.models.tables import WHISPER
"""

from __future__ import annotations

# The languages of a model that knows many.
ANY = ("*",)
EN = ("en",)
# Name, repository, MB, languages: the CTranslate2 conversions that faster-whisper names.
WHISPER = (
    ("tiny", "Systran/faster-whisper-tiny", 78, ANY),
    ("tiny.en", "Systran/faster-whisper-tiny.en", 78, EN),
    ("base", "Systran/faster-whisper-base", 148, ANY),
    ("base.en", "Systran/faster-whisper-base.en", 148, EN),
    ("small", "Systran/faster-whisper-small", 486, ANY),
    ("small.en", "Systran/faster-whisper-small.en", 486, EN),
    ("medium", "Systran/faster-whisper-medium", 1531, ANY),
    ("medium.en", "Systran/faster-whisper-medium.en", 1531, EN),
    ("large-v1", "Systran/faster-whisper-large-v1", 3090, ANY),
    ("large-v2", "Systran/faster-whisper-large-v2", 3090, ANY),
    ("large-v3", "Systran/faster-whisper-large-v3", 3090, ANY),
    ("large-v3-turbo", "mobiuslabsgmbh/faster-whisper-large-v3-turbo", 1621, ANY),
    ("distil-small.en", "Systran/faster-distil-whisper-small.en", 336, EN),
    ("distil-medium.en", "Systran/faster-distil-whisper-medium.en", 793, EN),
    ("distil-large-v2", "Systran/faster-distil-whisper-large-v2", 1516, EN),
    ("distil-large-v3", "Systran/faster-distil-whisper-large-v3", 1516, EN),
    ("distil-large-v3.5", "distil-whisper/distil-large-v3.5-ct2", 1516, EN),
)
PACKAGED_WHISPER = ("base", "tiny.en")
MLX = (
    ("tiny", "mlx-community/whisper-tiny-mlx", 75, ANY),
    ("tiny.en", "mlx-community/whisper-tiny.en-mlx", 75, EN),
    ("base", "mlx-community/whisper-base-mlx", 144, ANY),
    ("base.en", "mlx-community/whisper-base.en-mlx", 144, EN),
    ("small", "mlx-community/whisper-small-mlx", 481, ANY),
    ("small.en", "mlx-community/whisper-small.en-mlx", 481, EN),
    ("medium", "mlx-community/whisper-medium-mlx", 1524, ANY),
    ("medium.en", "mlx-community/whisper-medium.en-mlx", 1524, EN),
    ("large-v2", "mlx-community/whisper-large-v2-mlx", 3080, ANY),
    ("large-v3", "mlx-community/whisper-large-v3-mlx", 3080, ANY),
    ("large-v3-turbo", "mlx-community/whisper-large-v3-turbo", 1614, ANY),
    ("distil-large-v3", "mlx-community/distil-whisper-large-v3", 1510, EN),
)
# Language, repository, MB. Those of whisperx; where it takes torchaudio's own (en, fr, de, es, it),
# a model of the same kind from the hub. `mms`: any language, on romanised text.
WAV2VEC2 = (
    ("en", "facebook/wav2vec2-base-960h", 378),
    ("fr", "jonatasgrosman/wav2vec2-large-xlsr-53-french", 1262),
    ("de", "jonatasgrosman/wav2vec2-large-xlsr-53-german", 1262),
    ("es", "jonatasgrosman/wav2vec2-large-xlsr-53-spanish", 1262),
    ("it", "jonatasgrosman/wav2vec2-large-xlsr-53-italian", 1262),
    ("ja", "jonatasgrosman/wav2vec2-large-xlsr-53-japanese", 1270),
    ("zh", "jonatasgrosman/wav2vec2-large-xlsr-53-chinese-zh-cn", 1276),
    ("nl", "jonatasgrosman/wav2vec2-large-xlsr-53-dutch", 1262),
    ("uk", "Yehor/wav2vec2-xls-r-300m-uk-with-small-lm", 1262),
    ("pt", "jonatasgrosman/wav2vec2-large-xlsr-53-portuguese", 1262),
    ("ar", "jonatasgrosman/wav2vec2-large-xlsr-53-arabic", 1262),
    ("cs", "comodoro/wav2vec2-xls-r-300m-cs-250", 1262),
    ("ru", "jonatasgrosman/wav2vec2-large-xlsr-53-russian", 1262),
    ("pl", "jonatasgrosman/wav2vec2-large-xlsr-53-polish", 1262),
    ("hu", "jonatasgrosman/wav2vec2-large-xlsr-53-hungarian", 1262),
    ("fi", "jonatasgrosman/wav2vec2-large-xlsr-53-finnish", 1262),
    ("fa", "jonatasgrosman/wav2vec2-large-xlsr-53-persian", 1262),
    ("el", "jonatasgrosman/wav2vec2-large-xlsr-53-greek", 1262),
    ("tr", "mpoyraz/wav2vec2-xls-r-300m-cv7-turkish", 1262),
    ("da", "saattrupdan/wav2vec2-xls-r-300m-ftspeech", 1262),
    ("he", "imvladikon/wav2vec2-xls-r-300m-hebrew", 1262),
    ("vi", "nguyenvulebinh/wav2vec2-base-vi-vlsp2020", 380),
    ("ko", "kresnik/wav2vec2-large-xlsr-korean", 1266),
    ("ur", "kingabzpro/wav2vec2-large-xls-r-300m-Urdu", 1262),
    ("te", "anuragshas/wav2vec2-large-xlsr-53-telugu", 1262),
    ("hi", "theainerd/Wav2Vec2-large-xlsr-hindi", 1262),
    ("ca", "softcatala/wav2vec2-large-xlsr-catala", 1262),
    ("ml", "gvs/wav2vec2-large-xlsr-malayalam", 1262),
    ("no", "NbAiLab/nb-wav2vec2-1b-bokmaal-v2", 3850),
    ("nn", "NbAiLab/nb-wav2vec2-1b-nynorsk", 3850),
    ("sk", "comodoro/wav2vec2-xls-r-300m-sk-cv8", 1262),
    ("sl", "anton-l/wav2vec2-large-xlsr-53-slovenian", 1262),
    ("hr", "classla/wav2vec2-xls-r-parlaspeech-hr", 1262),
    ("ro", "gigant/romanian-wav2vec2", 1262),
    ("eu", "stefan-it/wav2vec2-large-xlsr-53-basque", 1262),
    ("gl", "ifrz/wav2vec2-large-xlsr-galician", 1262),
    ("ka", "xsway/wav2vec2-large-xlsr-georgian", 1262),
    ("lv", "jimregan/wav2vec2-large-xlsr-latvian-cv", 1262),
    ("tl", "Khalsuu/filipino-wav2vec2-l-xls-r-300m-official", 1262),
    ("sv", "KBLab/wav2vec2-large-voxrex-swedish", 1262),
    ("id", "cahya/wav2vec2-large-xlsr-indonesian", 1262),
)
MULTILINGUAL_ALIGNER = "mms"
# Name, repository, MB, signatures of the networks in the bag.
DEMUCS = (
    ("htdemucs", "adefossez/HTDemucs", 84, ("955717e8",)),
    ("htdemucs_ft", "adefossez/HTDemucs-ft", 336, ("f7e0c4bc", "d12395a8", "92cfc3b6", "04573f0d")),
    ("htdemucs_6s", "adefossez/HTDemucs-6s", 55, ("5c90dfd2",)),
)
NLLB = (
    ("nllb-200-distilled-600M", 2480),
    ("nllb-200-distilled-1.3B", 5500),
    ("nllb-200-1.3B", 5500),
    ("nllb-200-3.3B", 17600),
)
INDIC = tuple("as bn brx doi gom gu hi kn ks mai ml mni mr ne or pa sa sat sd ta te ur".split())
INDICTRANS2 = (
    ("indictrans2-en-indic-1B", 4470),
    ("indictrans2-indic-en-1B", 4100),
    ("indictrans2-indic-indic-1B", 4840),
    ("indictrans2-en-indic-dist-200M", 1100),
    ("indictrans2-indic-en-dist-200M", 920),
    ("indictrans2-indic-indic-dist-320M", 1290),
)
