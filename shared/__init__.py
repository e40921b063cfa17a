"""Shared: what the stages, the commands and the tools have in common."""

from shared.core.by_hand import refuse_bare_python

refuse_bare_python()
