#!/usr/bin/env python3
"""
Whisper batch: several chunks decoded at once by faster_whisper, each exactly as if it were alone.

A GPU is idle most of the time while one chunk is decoded. Here every chunk has a thread that runs
the usual code: second tries, halves, word times and all. Where a thread wants the network, it waits
until every other one wants it too; then all wishes of one kind are one call. So there is one way of
decoding, whatever the batch, and the same film always makes the same batches.

Usage:
    from scripts.whisper.batch import decode_together

    yield from decode_together(model, work, chunks, batch_size=8)
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from scripts.whisper.engine import Item, Result


@dataclass
class Heard:
    """The spectrogram of one window (float32, mels × frames), in place of what it is encoded to.

    `batch`: the encoded batch that it was last part of, and the windows in that batch.
    """

    features: Any
    batch: tuple[Any, list[Heard]] | None = None


@dataclass
class Wish:
    """A call of the network for one window; `kind` tells which may be made together."""

    item: int
    kind: tuple[str, ...]
    heard: Heard
    arguments: dict[str, Any]
    alone: dict[str, Any]
    answer: Any = None
    is_answered: bool = field(default=False)


class Rendezvous:
    """Where the threads of several items meet; all wishes are fulfilled when all are waiting.

    Args:
        fulfil: Gets wishes of any kind, in the order of their items, and answers each.
        items: How many items there are.
        workers: How many of them are worked on at once.
    """

    def __init__(self, fulfil: Callable[[Sequence[Wish]], None], items: int, workers: int) -> None:
        self._fulfil = fulfil
        self._working = min(items, workers)
        self._unstarted = items - self._working
        self._waiting: list[Wish] = []
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def ask(self, wish: Wish) -> Any:
        """Return the answer to a wish, when every item that is worked on has one.

        Args:
            wish: What one item wants of the network, with its encoded window.

        Raises:
            BaseException: What the network raised, for this or for another item.
        """
        with self._changed:
            self._waiting.append(wish)
            self._fulfil_if_all_wait()
            self._changed.wait_for(lambda: wish.is_answered or self._error is not None)
            if self._error is not None:
                raise self._error
            return wish.answer

    def finish(self) -> None:
        """Tell that an item is done; its thread takes another one, if there is one."""
        with self._changed:
            if self._unstarted:
                self._unstarted -= 1
            else:
                self._working -= 1
                self._fulfil_if_all_wait()

    def abandon(self, error: BaseException) -> None:
        """Let every thread that waits, or will, end with an error.

        Args:
            error: What they raise.
        """
        with self._changed:
            self._error = self._error or error
            self._changed.notify_all()

    def _fulfil_if_all_wait(self) -> None:
        if self._error is not None or not 0 < self._working <= len(self._waiting):
            return
        wishes, self._waiting = sorted(self._waiting, key=lambda wish: wish.item), []
        try:
            self._fulfil(wishes)
        except BaseException as error:
            self._error = error
        for wish in wishes:
            wish.is_answered = True
        self._changed.notify_all()


class SharedNetwork:
    """A ctranslate2.models.Whisper for one thread, whose calls are made together with others'.

    Args:
        network: The real one.
        rendezvous: Where the threads meet.
        items: The item of the present thread.
    """

    def __init__(self, network: Any, rendezvous: Rendezvous, items: threading.local) -> None:
        self._network = network
        self._rendezvous = rendezvous
        self._items = items

    def __getattr__(self, name: str) -> Any:
        return getattr(self._network, name)

    def generate(self, heard: Heard, prompts: list[list[int]], **options: Any) -> list[Any]:
        """Return what ctranslate2's generate does for one window.

        Args:
            heard: The encoded window.
            prompts: Token ids, one prompt.
            options: Those of ctranslate2; what goes together has the same.
        """
        (prompt,) = prompts
        kind = ("generate", str(len(prompt)), repr(sorted(options.items())))
        return self._ask(kind, heard, options, {"prompts": prompt})

    def align(
        self,
        heard: Heard,
        start_sequence: Sequence[int],
        text_tokens: list[list[int]],
        num_frames: int,
        **options: Any,
    ) -> list[Any]:
        """Return what ctranslate2's align does for one window.

        Args:
            heard: The encoded window.
            start_sequence: Token ids that begin the transcript.
            text_tokens: Token ids of the text, one list.
            num_frames: Frames of the window that hold sound, 50 a second.
            options: Those of ctranslate2.
        """
        (tokens,) = text_tokens
        kind = ("align", repr(list(start_sequence)), repr(sorted(options.items())))
        shared = {"start_sequence": list(start_sequence), **options}
        return self._ask(kind, heard, shared, {"text_tokens": tokens, "num_frames": num_frames})

    def _ask(
        self, kind: tuple[str, ...], heard: Heard, shared: dict[str, Any], alone: dict[str, Any]
    ) -> list[Any]:
        wish = Wish(self._items.number, kind, heard, shared, alone)
        return [self._rendezvous.ask(wish)]


def decode_together(
    model: Any,
    work: Callable[[Any, Item], Result],
    items: Sequence[Item],
    batch_size: int,
) -> Iterator[Result]:
    """Yield the results of work for each item, in order.

    Args:
        model: A faster_whisper.WhisperModel.
        work: Gets a model like it and an item; runs in a thread of its own.
        items: What to work on.
        batch_size: How many at once.

    Raises:
        BaseException: What the network or the work of an item raised.
    """
    rendezvous = Rendezvous(lambda wishes: _fulfil(model.model, wishes), len(items), batch_size)
    local = threading.local()
    shared = copy.copy(model)
    shared.model = SharedNetwork(model.model, rendezvous, local)
    shared.encode = Heard

    def run(numbered: tuple[int, Item]) -> Result:
        local.number, item = numbered
        try:
            return work(shared, item)
        except BaseException as error:
            rendezvous.abandon(error)
            raise
        finally:
            rendezvous.finish()

    pool = ThreadPoolExecutor(batch_size, thread_name_prefix="chunk")
    try:
        yield from pool.map(run, enumerate(items))
    finally:
        rendezvous.abandon(RuntimeError("The recognition was given up"))
        pool.shutdown(cancel_futures=True)


def _fulfil(network: Any, wishes: Sequence[Wish]) -> None:
    """Call the network once for all wishes of one kind, and answer them."""
    kinds: dict[tuple[str, ...], list[Wish]] = {}
    for wish in wishes:
        kinds.setdefault(wish.kind, []).append(wish)
    for kind, group in kinds.items():
        together = {name: [wish.alone[name] for wish in group] for name in group[0].alone}
        encoded = _encode(network, [wish.heard for wish in group])
        call = getattr(network, kind[0])
        answers = call(encoded, **together, **group[0].arguments)
        for wish, answer in zip(group, answers, strict=True):
            wish.answer = answer


def _encode(network: Any, windows: list[Heard]) -> Any:
    """Return windows encoded as one batch, which is kept for their next call."""
    kept = windows[0].batch
    if kept is not None and _same(kept[1], windows):
        return kept[0]
    import ctranslate2
    import numpy as np

    features = np.ascontiguousarray(np.stack([window.features for window in windows]))
    encoded = network.encode(ctranslate2.StorageView.from_array(features))
    for window in windows:
        window.batch = (encoded, windows)
    return encoded


def _same(ones: Sequence[Heard], others: Sequence[Heard]) -> bool:
    return len(ones) == len(others) and all(a is b for a, b in zip(ones, others, strict=True))
