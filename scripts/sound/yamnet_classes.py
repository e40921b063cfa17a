#!/usr/bin/env python3
"""
YAMNet classes: which of its 521 AudioSet classes make one group, one kind of sound.

Spans are of neighbouring classes, first and last by display name; a name alone is a span of one.
The kinds are what deaf viewers want to be told; the labels are in
shared.subtitles.sdh.sound_labels.

Usage:
    from scripts.sound.yamnet_classes import GROUPS, SOUNDS, columns_of

    columns = columns_of({**GROUPS, **SOUNDS}, class_map)
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

Spans = tuple[tuple[str, str] | str, ...]

GROUPS: dict[str, Spans] = {
    "speech": (("Speech", "Speech synthesizer"),),
    "singing": (
        ("Singing", "Humming"),
        ("Vocal music", "A capella"),
        ("Carnatic music", "Music of Bollywood"),
        "Song",
    ),
    "music": (("Music", "Scary music"),),
}
SOUNDS: dict[str, Spans] = {
    "scream": ("Shout", "Yell", "Screaming"),
    "laughter": (("Laughter", "Chuckle, chortle"),),
    "crying": (("Crying, sobbing", "Wail, moan"),),
    "whistling": ("Whistling",),
    "cough": (("Cough", "Sneeze"),),
    "snoring": ("Snoring",),
    "footsteps": ("Run", "Walk, footsteps"),
    "applause": ("Clapping", "Applause"),
    "cheering": ("Cheering",),
    "crowd": (("Chatter", "Hubbub, speech noise, speech babble"),),
    "dog": (("Dog", "Whimper (dog)"),),
    "cat": (("Cat", "Caterwaul"),),
    "horse": (("Horse", "Neigh, whinny"),),
    "cattle": (("Cattle, bovinae", "Cowbell"),),
    "roar": ("Roaring cats (lions, tigers)", "Roar"),
    "birds": (("Bird", "Squawk"), "Crow", "Caw", "Owl", "Hoot"),
    "insects": (("Insect", "Bee, wasp, etc."),),
    "wind": ("Wind",),
    "thunder": (("Thunderstorm", "Thunder"),),
    "rain": (("Rain", "Rain on surface"),),
    "water": (("Stream", "Waves, surf"), "Splash, splatter", "Pour", "Gush"),
    "fire": (("Fire", "Crackle"),),
    "horn": ("Vehicle horn, car horn, honking", "Air horn, truck horn", "Foghorn"),
    "siren": ("Police car (siren)", "Fire engine, fire truck (siren)", "Ambulance (siren)")
    + (("Siren", "Civil defense siren"),),
    "tyres": (("Skidding", "Tire squeal"),),
    "train": (("Train", "Train wheels squealing"), "Subway, metro, underground"),
    "helicopter": ("Helicopter",),
    "aircraft": (("Aircraft", "Propeller, airscrew"), "Fixed-wing aircraft, airplane"),
    "engine": (("Car", "Car"), "Car passing by", "Race car, auto racing", "Truck", "Bus")
    + ("Motorcycle", "Motorboat, speedboat", ("Engine", "Accelerating, revving, vroom")),
    "doorbell": (("Doorbell", "Ding-dong"),),
    "door": (("Door", "Door"), ("Sliding door", "Slam")),
    "knock": (("Knock", "Tap"),),
    "typing": (("Typing", "Computer keyboard"),),
    "phone": (("Telephone", "Ringtone"),),
    "alarm": ("Alarm", "Alarm clock", "Smoke detector, smoke alarm", "Fire alarm", "Car alarm"),
    "clock": (("Clock", "Tick-tock"),),
    "bell": (("Bell", "Church bell"),),
    "explosion": ("Explosion", "Eruption", "Boom"),
    "gunshots": (("Gunshot, gunfire", "Artillery fire"),),
    "fireworks": (("Fireworks", "Firecracker"),),
    "glass": ("Shatter",),
    "crash": ("Smash, crash", "Breaking"),
}


def columns_of(spans: Mapping[str, Spans], class_map: Path) -> list[list[int]]:
    """Return the class indices of each group, in the order of spans.

    Args:
        spans: Groups of classes by name.
        class_map: YAMNet's own table: index, mid, display_name.
    """
    with class_map.open(encoding="utf-8", newline="") as stream:
        index = {row["display_name"]: int(row["index"]) for row in csv.DictReader(stream)}
    columns: list[list[int]] = []
    for group in spans.values():
        ends = [(one, one) if isinstance(one, str) else one for one in group]
        columns.append([c for first, last in ends for c in range(index[first], index[last] + 1)])
    return columns
