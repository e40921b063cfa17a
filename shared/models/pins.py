#!/usr/bin/env python3
"""
Pins: which revision of a model's repository is fetched, and the SHA-256 of its files.

A revision fixes all files of a repository; the digests hold even where the hub lies. What is here
was found alike in several public projects that pin the same models, October 2026; the files of
tiny.en also lie in a package that we install. Nothing is known here of the models that are not
listed: they are fetched as they are on the day, and `.fetched.json` beside them says what came.

To pin one more: fetch it, look at what `python3 tools/models.py verify` says, and copy revision and
digests from its `.fetched.json`.

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
PINS: dict[tuple[str, str], Pin] = {
    ("whisper", name): Pin(revision, (((WEIGHTS, digest),) if digest else ()) + others)
    for name, revision, digest, others in _WHISPER
}
