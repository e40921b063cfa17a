#!/usr/bin/env python3
"""
Sources: filters without inputs, which ffmpeg-python has no node for: pictures and sounds that
ffmpeg makes itself, as the beginning of a graph or as an input of their own.

Usage:
    from shared.media.ffmpeg import generated_input
    from shared.media.sources import source, source_text

    lamp = source("color", color="red", size="36x36").filter("hue", h=25)
    voice = generated_input(source_text("flite", text="It's late: 9, go!", voice="slt"))
"""

from __future__ import annotations

from ffmpeg.nodes import FilterableStream, FilterNode, Node


class SourceNode(FilterNode):  # type: ignore[misc]
    """A filter without inputs; equal to itself alone: two of a kind are two pictures.

    Args:
        name: The filter.
        options: Its options.
    """

    def __init__(self, name: str, options: dict[str, object]) -> None:
        Node.__init__(
            self,
            stream_spec=None,
            name=name,
            incoming_stream_types=set(),
            outgoing_stream_type=FilterableStream,
            min_inputs=0,
            max_inputs=0,
            kwargs=options,
        )

    __hash__ = object.__hash__
    __eq__ = object.__eq__

    @property
    def text(self) -> str:
        """The filter as a graph of its own, as the format lavfi takes it."""
        text: str = self._get_filter(())
        return text


def source(name: str, /, **options: object) -> FilterableStream:
    """Return what a filter without inputs makes, as the beginning of a graph.

    Args:
        name: The filter.
        options: Its options by name.
    """
    return SourceNode(name, options).stream()


def source_text(name: str, /, **options: object) -> str:
    """Return a filter without inputs as generated_input takes it.

    Args:
        name: The filter.
        options: Its options by name, with any characters in them.
    """
    return SourceNode(name, options).text
