#!/usr/bin/env python3
"""
Pins: which revision of a model's repository is fetched, and the SHA-256 of its files.

A revision fixes all files of a repository; the digests hold even where the hub lies. What is here
was found alike in two or more public projects that pin the same models, October and November 2026;
the files of tiny.en also lie in a package that we install. Of the models that are not listed
nothing was found: they are trusted as they are when they are first fetched (first_use.py).

To pin one more: fetch it, and copy revision and digests from its `.fetched.json`.

Usage:
    from shared.models.pins import PINS, Pin

    PINS.get(("whisper", "base"), Pin()).revision
"""

from __future__ import annotations

from dataclasses import dataclass

MANY_TOKENIZER = "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"
MANY_VOCABULARY = "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"
MANY = (("tokenizer.json", MANY_TOKENIZER), ("vocabulary.txt", MANY_VOCABULARY))
WEIGHTS = "model.bin"


@dataclass(frozen=True)
class Pin:
    """`revision`: the commit to fetch, "" = the newest. `sha256`: file to digest, where known."""

    revision: str = ""
    sha256: tuple[tuple[str, str], ...] = ()


# Name, revision, digest of the weights ("" = not known), digests of other files.
_WHISPER: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "tiny",
        "d90ca5fe260221311c53c58e660288d3deb8d356",
        "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1",
        MANY,
    ),
    (
        "tiny.en",
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        (
            ("config.json", "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
            ("tokenizer.json", "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
            ("vocabulary.txt", "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
        ),
    ),
    (
        "base",
        "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        (
            ("config.json", "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
            *MANY,
        ),
    ),
    (
        "base.en",
        "3d3d5dee26484f91867d81cb899cfcf72b96be6c",
        "2a166925539a16005f14ff328359f9b9adb9dc4fb631bb3b227526862e93e2ef",
        (),
    ),
    (
        "small",
        "536b0662742c02347bc0e980a01041f333bce120",
        "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
        MANY,
    ),
    (
        "small.en",
        "d1d751a5f8271d482d14ca55d9e2deeebbae577f",
        "62b2a45b05ee59acb4a5341b33ee35e041395d378d418a18acfe4c9e768ee37a",
        (),
    ),
    (
        "medium",
        "08e178d48790749d25932bbc082711ddcfdfbc4f",
        "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae",
        (),
    ),
    (
        "medium.en",
        "a29b04bd15381511a9af671baec01072039215e3",
        "11b220779aea4c6f3ce9d2549c8a95ea869ed84066864b999531ef53e594fe5b",
        (),
    ),
    (
        "large-v1",
        "b07c8d4be0be90092aa01a29c975077acb8d15c9",
        "a3cce8081a5414206ab09a80aa410ebf9965feef52adafeead13f4a83398b1d1",
        (),
    ),
    (
        "large-v2",
        "f0fe81560cb8b68660e564f55dd99207059c092e",
        "bf2a9746382e1aa7ffff6b3a0d137ed9edbd9670c3b87e5d35f5e85e70d0333a",
        MANY,
    ),
    (
        "large-v3",
        "edaa852ec7e145841d8ffdb056a99866b5f0a478",
        "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1",
        (
            ("config.json", "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9"),
            (
                "preprocessor_config.json",
                "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711",
            ),
            ("tokenizer.json", "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca"),
            ("vocabulary.json", "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1"),
        ),
    ),
    (
        "large-v3-turbo",
        "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
        "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
        (),
    ),
    (
        "distil-small.en",
        "ef77d90526ccd62cde3808ee70626a01e5cf83e4",
        "1187de3982cdcf962a2fb8f797e429fb4651b875b18fe9ce50b58b52fc9072b7",
        (),
    ),
    (
        "distil-medium.en",
        "80ddfce281f77766d8943d63109199fc8145dfa5",
        "d4cb75d823dcd2647191064da76f026774c06c036908f38456165368d0e2d66a",
        (),
    ),
    ("distil-large-v2", "fe9b404fc56de3f7c38606ef9ba6fd83526d05e4", "", ()),
    (
        "distil-large-v3",
        "c3058b475261292e64a0412df1d2681c06260fab",
        "b79368e19b6623813609431a6e5ee309a71506701ebc49fd7820e692dec7c5f5",
        (),
    ),
    (
        "distil-large-v3.5",
        "9793ccc07920e0f830e1dba0343efcdf0ef8c903",
        "c58b88b8585ffcd2135fddaaf421ce72cb223b32edea70d156aed1dea319a119",
        (),
    ),
)
# Engine, name, revision, digests of files.
_OTHERS: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    ("mlx", "tiny", "6caf9c55601caafbe6508a8b0d216bdf4783c4e8", ()),
    ("mlx", "base", "1e3e249fb8d01c655324bd6841b1deadffd6d04c", ()),
    (
        "mlx",
        "small",
        "45f3915923c7a79a5a5b5a7d909d39aeb0e5630e",
        (("weights.npz", "55b6674c9b339702d486e2b1573839a66f8ec8f821ed2886993ef717a86b09f5"),),
    ),
    ("mlx", "medium", "7fc08c4eac4c316526498f147dfdee6f6303f975", ()),
    ("mlx", "large-v2", "cce86229e2765266197fef869ce9f7e2550067ab", ()),
    (
        "mlx",
        "large-v3",
        "49e6aa286ad60c14352c404340ded53710378a11",
        (
            ("config.json", "34982ce6ae286095000f82ae9583b3431639e8b092bf60c961f203745e6500e3"),
            ("weights.npz", "05ff791ce3630fae47e7c51004e9666204d786246ec07cac6110af768099b40d"),
        ),
    ),
    ("mlx", "large-v3-turbo", "a4aaeec0636e6fef84abdcbe3544cb2bf7e9f6fb", ()),
    ("wav2vec2", "en", "22aad52d435eb6dbaf354bdad9b0da84ce7d6156", ()),
    ("wav2vec2", "ja", "cf031e020336460d15a417eba710bbc5bb43be9a", ()),
    ("wav2vec2", "zh", "99ccb2737be22b8bb50dcfcc39ad4d567fb90cfd", ()),
    ("demucs", "htdemucs", "cbc8a9b1a87023b7fd74e7b3412e6321c0eab003", ()),
    ("demucs", "htdemucs_ft", "d74ac89c3a1e874fc78f152555cf4d8533f06cd4", ()),
    ("nllb", "nllb-200-distilled-600M", "f8d333a098d19b4fd9a8b18f94170487ad3f821d", ()),
    ("nllb", "nllb-200-distilled-1.3B", "7be3e24664b38ce1cac29b8aeed6911aa0cf0576", ()),
    ("nllb", "nllb-200-1.3B", "b0de46b488af0cf31749cd8da5ed3171e11b2309", ()),
    ("nllb", "nllb-200-3.3B", "1a07f7d195896b2114afcb79b7b57ab512e7b43e", ()),
    ("indictrans2", "indictrans2-en-indic-1B", "10e65a9951a1e922cd109a95e8aba9357b62144b", ()),
    ("indictrans2", "indictrans2-indic-en-1B", "ac3daf0ecd37be3b6957764a9179ab2b07fa9d6a", ()),
    (
        "pyannote",
        "segmentation-3.0",
        "e66f3d3b9eb0873085418a7b813d3b369bf160bb",
        (
            (
                "pytorch_model.bin",
                "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298",
            ),
        ),
    ),
    (
        "pyannote",
        "speaker-diarization-community-1",
        "3533c8cf8e369892e6b79ff1bf80f7b0286a54ee",
        (
            ("config.yaml", "5ce2bfa9a938dc132cec1172592d65173cbb8f444ea1e4133f10f9391de155be"),
            (
                "embedding/pytorch_model.bin",
                "6f10ff60898a1d185fa22e1d11e0bfa8a92efec811f11bca48cb8cafebefd929",
            ),
            ("plda/plda.npz", "9b77bcd840692710dd3496f62ecfeed8d8e5f002fd991b785079b244eab7d255"),
            (
                "plda/xvec_transform.npz",
                "325f1ce8e48f7e55e9c8aa47e05d2766b7c48c4b25b8de8dd751e7a4cc5fbe8f",
            ),
            (
                "segmentation/pytorch_model.bin",
                "7ad24338d844fb95985486eb1a464e32d229f6d7a03c9abe60f978bacf3f816e",
            ),
        ),
    ),
)
PINS: dict[tuple[str, str], Pin] = {
    ("whisper", name): Pin(revision, (((WEIGHTS, digest),) if digest else ()) + others)
    for name, revision, digest, others in _WHISPER
} | {(engine, name): Pin(revision, digests) for engine, name, revision, digests in _OTHERS}
