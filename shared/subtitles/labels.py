#!/usr/bin/env python3
"""
Labels: what a sound is called in the subtitles of a language.

Kinds are those of scripts/yamnet_classes.py; a language or a kind that is not here is written in
English.

Usage:
    from shared.subtitles.labels import label_of

    label_of("laughter", "hi")  # "हँसी"
"""

from __future__ import annotations

from shared.core.languages import primary

FALLBACK = "en"
LABELS: dict[str, dict[str, str]] = {
    "en": {
        "music": "music",
        "singing": "singing",
        "scream": "scream",
        "laughter": "laughter",
        "crying": "crying",
        "whistling": "whistling",
        "cough": "coughing",
        "snoring": "snoring",
        "footsteps": "footsteps",
        "applause": "applause",
        "cheering": "cheering",
        "crowd": "crowd chatter",
        "dog": "dog barking",
        "cat": "cat meowing",
        "horse": "horse",
        "cattle": "cattle lowing",
        "roar": "roar",
        "birds": "birds singing",
        "insects": "insects buzzing",
        "wind": "wind",
        "thunder": "thunder",
        "rain": "rain",
        "water": "water",
        "fire": "fire crackling",
        "horn": "horn honking",
        "siren": "siren",
        "tyres": "tires squealing",
        "train": "train",
        "helicopter": "helicopter",
        "aircraft": "aircraft",
        "engine": "engine",
        "doorbell": "doorbell",
        "door": "door closes",
        "knock": "knocking",
        "typing": "typing",
        "phone": "phone ringing",
        "alarm": "alarm",
        "clock": "clock ticking",
        "bell": "bell ringing",
        "explosion": "explosion",
        "gunshots": "gunshots",
        "fireworks": "fireworks",
        "glass": "glass shatters",
        "crash": "crash",
    },
    "hi": {
        "music": "संगीत",
        "singing": "गायन",
        "scream": "चीख",
        "laughter": "हँसी",
        "crying": "रोना",
        "whistling": "सीटी",
        "cough": "खाँसी",
        "snoring": "खर्राटे",
        "footsteps": "कदमों की आहट",
        "applause": "तालियाँ",
        "cheering": "जयकार",
        "crowd": "भीड़ का शोर",
        "dog": "कुत्ते का भौंकना",
        "cat": "बिल्ली की म्याऊँ",
        "horse": "घोड़े की आवाज़",
        "cattle": "गाय का रँभाना",
        "roar": "दहाड़",
        "birds": "पक्षियों की चहचहाहट",
        "insects": "कीड़ों की भनभनाहट",
        "wind": "हवा",
        "thunder": "बादल गरजना",
        "rain": "बारिश",
        "water": "पानी की आवाज़",
        "fire": "आग की आवाज़",
        "horn": "हॉर्न",
        "siren": "सायरन",
        "tyres": "टायरों की चीख",
        "train": "रेलगाड़ी",
        "helicopter": "हेलीकॉप्टर",
        "aircraft": "हवाई जहाज़",
        "engine": "इंजन की आवाज़",
        "doorbell": "दरवाज़े की घंटी",
        "door": "दरवाज़ा बंद होना",
        "knock": "दस्तक",
        "typing": "टाइपिंग",
        "phone": "फ़ोन की घंटी",
        "alarm": "अलार्म",
        "clock": "घड़ी की टिक-टिक",
        "bell": "घंटी",
        "explosion": "विस्फोट",
        "gunshots": "गोलियों की आवाज़",
        "fireworks": "आतिशबाज़ी",
        "glass": "काँच टूटना",
        "crash": "टक्कर",
    },
}


def label_of(kind: str, language: str) -> str:
    """Return what a kind of sound is called; a kind without a label is its own.

    Args:
        kind: For example "laughter".
        language: BCP-47; without a table of its own it is English.
    """
    return LABELS.get(primary(language), {}).get(kind) or LABELS[FALLBACK].get(kind, kind)
