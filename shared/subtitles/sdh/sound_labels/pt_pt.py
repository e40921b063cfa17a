"""Portuguese, as in Portugal: what sounds are called otherwise than in Brazil."""

from shared.subtitles.sdh.sound_labels import pt

LABELS = pt.LABELS | {
    "train": "comboio",
    "door": "porta a fechar",
    "fireworks": "fogo de artifício",
}
