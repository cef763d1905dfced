"""Run a function on the event loop of the server that serves the current request.

CloudFormation provisions a nested stack on a worker thread, so that the loop stays free; but the
stack's own operations must start on the loop.
"""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

serving_loop: ContextVar[asyncio.AbstractEventLoop] = ContextVar("localaws_serving_loop")


def on_loop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what `function` returns there; the account and region of the request are kept.

    Call it from a worker thread only: on the loop itself it would wait for ever.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(function(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  handed to the thread that waits
            answer.set_exception(error)

    serving_loop.get().call_soon_threadsafe(run)
    return answer.result()


def await_on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns there; like `on_loop`, for worker threads only."""
    return asyncio.run_coroutine_threadsafe(coroutine, serving_loop.get()).result()
