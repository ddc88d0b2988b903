"""Forks, threads, signals: what an engine does to a library."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor

import pyarrow as pa
import pytest

import dehusk

PAGE = "Skip to content\nHome\nSubscribe to our newsletter\n\n" + "The ferry left at noon, and nobody on the pier waved.\n" * 40
#: Large enough to be split among threads.
MANY = 4000
#: A child that has not ended by then hangs.
PATIENCE = 120
CLEANER = dehusk.Cleaner()
BODY = CLEANER.clean(PAGE).body


def one(_=None):
    return dehusk.clean(PAGE) == BODY


def few(_=None):
    return CLEANER.clean_batch(pa.array([PAGE]), threads=2).to_pylist() == [BODY]


def many(_=None):
    done = dehusk.Cleaner().clean_batch(pa.array([PAGE] * 200), threads=2)
    return done.to_pylist() == [BODY] * 200


def split(_=None):
    return CLEANER.clean_batch(pa.array([PAGE] * MANY), threads=2).to_pylist() == [BODY] * MANY


WORK = [one, few, many]


def in_fork(work):
    """The outcome of `work` in a forked child; None when it hangs."""
    child = os.fork()
    if child == 0:
        # Ended without cleaning up what is the parent's.
        signal.alarm(PATIENCE)
        os._exit(0 if work() else 1)
    return os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize("warm", [None, one, split])
@pytest.mark.parametrize("work", [*WORK, split])
def test_a_fork_after_use(warm, work):
    assert warm is None or warm()
    assert in_fork(work)


def test_two_hundred_forks_while_threads_clean():
    """Threads are in the midst of cleaning, compiling rules of fresh cleaners, and of batches with their own threads."""
    over = threading.Event()

    def busy():
        while not over.is_set():
            assert many()

    threads = [threading.Thread(target=busy) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for round_ in range(200):
            assert in_fork(WORK[round_ % 3]), f"round {round_}"
    finally:
        over.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_pools_of_every_kind(method):
    assert split()
    context = multiprocessing.get_context(method)
    with context.Pool(2) as pool:
        assert all(pool.map_async(many, range(4)).get(PATIENCE))
        assert pool.apply_async(CLEANER.clean_batch, (pa.array([PAGE]),)).get(PATIENCE).to_pylist() == [BODY]
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert all(pool.map(split, range(2), timeout=PATIENCE))


def feed(queue):
    for _ in range(3):
        queue.put(CLEANER.clean_batch(pa.array([PAGE] * 200), threads=2).to_pylist() == [BODY] * 200)
    queue.put(None)


def test_workers_that_feed_a_queue():
    """As a loader of training data has them: daemons, forked from a process that cleans too."""
    assert split()
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=feed, args=(queue,), daemon=True) for _ in range(2)]
    for worker in workers:
        worker.start()
    ended = 0
    while ended < len(workers):
        result = queue.get(timeout=PATIENCE)
        ended += result is None
        assert result is not False
        assert few()
    for worker in workers:
        worker.join(PATIENCE)


def test_other_threads_go_on_meanwhile():
    data, counted, over = pa.array([PAGE] * MANY), 0, threading.Event()

    def count():
        nonlocal counted
        while not over.is_set():
            counted += 1
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    before = counted
    CLEANER.clean_batch(data)
    meanwhile = counted - before
    over.set()
    thread.join()
    # A lock that was held would let through a handful at the ends of the call.
    assert meanwhile > 100


def test_threads_end_with_the_call():
    before = len(os.listdir("/proc/self/task"))
    assert split()
    # The system takes a thread that has ended off its list a moment later.
    until = time.monotonic() + PATIENCE
    while len(os.listdir("/proc/self/task")) > before and time.monotonic() < until:
        time.sleep(0.01)
    assert len(os.listdir("/proc/self/task")) == before


LONG_CALL = """
import dehusk, pyarrow, sys, time
data = pyarrow.array([%r] * 20000)
cleaner = dehusk.Cleaner()
try:
    print("go", flush=True)
    while True:
        cleaner.clean_batch(data, threads=int(sys.argv[1]))
except KeyboardInterrupt:
    print("stopped", time.monotonic(), flush=True)
"""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("after", [0.0, 0.3])
def test_an_interrupt_stops_a_long_call(threads, after):
    child = subprocess.Popen([sys.executable, "-c", LONG_CALL % PAGE, str(threads)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "go\n"
    time.sleep(after)
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=PATIENCE)
    assert out.startswith("stopped") and child.returncode == 0
