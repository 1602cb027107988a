"""What several threads ask for at the same moment goes out as one request.

The first that asks becomes the leader: it takes everything that has come together, asks once, and hands each caller its
own answer. While it waits for the service, the next group comes together behind it. So a single caller never waits for
others, and a hundred of them cost a few requests instead of a hundred.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Callable, Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class _Waiting(Generic[Item, Answer]):
    __slots__ = ("answer", "error", "is_answered", "item")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.is_answered = False
        self.answer: Answer
        self.error: BaseException | None = None


class Coalescer(Generic[Item, Answer]):
    """``ask(item)`` gives what ``together`` answers for it.

    ``together`` gets at most ``most`` items and returns as many answers in the same order. An answer that is an
    exception is raised for its own item only. What ``together`` raises itself is raised for all of the group.
    ``linger``: seconds that a leader waits at most for others, while fewer have come than ``expected`` says may come.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Item]], Sequence[Answer | Exception]],
        most: int = 100,
        linger: float = 0.0,
        expected: Callable[[], int] = lambda: 1,
    ) -> None:
        self._together = together
        self._most = most
        self._linger = linger
        self._expected = expected
        self._changed = threading.Condition()
        self._queue: list[_Waiting[Item, Answer]] = []
        self._has_leader = False

    def ask(self, item: Item) -> Answer:
        """Blocks until the group that the item went out with is answered. Raises what was raised for it."""
        mine: _Waiting[Item, Answer] = _Waiting(item)
        with self._changed:
            self._queue.append(mine)
            if self._linger:
                self._changed.notify_all()
        while True:
            with self._changed:
                while self._has_leader and not mine.is_answered:
                    self._changed.wait()
                if mine.is_answered:
                    break
                self._has_leader = True
            self._lead()
        if mine.error is not None:
            raise mine.error
        return mine.answer

    def _lead(self) -> None:
        """Answer the group at the head of the queue, then step down. The leader itself may be further back."""
        try:
            self._answer(self._gathered())
        finally:
            with self._changed:
                self._has_leader = False
                self._changed.notify_all()

    def _gathered(self) -> list[_Waiting[Item, Answer]]:
        until = time.monotonic() + self._linger
        with self._changed:
            while self._linger and len(self._queue) < min(self._expected(), self._most):
                left = until - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            group, self._queue = self._queue[: self._most], self._queue[self._most :]
            return group

    def _answer(self, group: Sequence[_Waiting[Item, Answer]]) -> None:
        try:
            answers = self._together([waiting.item for waiting in group])
            if len(answers) != len(group):
                raise ValueError(f"{len(group)} were asked for, {len(answers)} came back")
        except BaseException as error:
            for waiting in group:
                waiting.error, waiting.is_answered = error, True
            return
        for waiting, answer in zip(group, answers):
            if isinstance(answer, Exception):
                waiting.error = answer
            else:
                waiting.answer = answer
            waiting.is_answered = True
