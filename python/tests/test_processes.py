"""Forks, threads, signals: what an engine does to a library."""

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

import dehusk

PAGE = "Skip to content\nHome\nSubscribe to our newsletter\n\n" + "The ferry left at noon, and nobody on the pier waved.\n" * 40
#: Large enough to be split among threads.
MANY = 4000
#: A process that has not got any further by then hangs. On a busy machine it may take as long as it likes.
PATIENCE = 300
TICK = os.sysconf("SC_CLK_TCK")
CLEANER = dehusk.Cleaner()
BODY = CLEANER.clean(PAGE).body


def one(_=None):
    return dehusk.clean(PAGE) == BODY


# Made before any fork: pyarrow looks for other packages whenever it makes an array of a list, and a process that is forked
# meanwhile waits for ever for that import.
PAGES = {n: pa.array([PAGE] * n) for n in (1, 200, MANY)}
BODIES = {n: pa.array([BODY] * n) for n in PAGES}


def few(_=None):
    return CLEANER.clean_batch(PAGES[1], threads=2).equals(BODIES[1])


def many(_=None):
    return dehusk.Cleaner().clean_batch(PAGES[200], threads=2).equals(BODIES[200])


def split(_=None):
    return CLEANER.clean_batch(PAGES[MANY], threads=2).equals(BODIES[MANY])


WORK = [one, few, many]


def cpu_of(pid):
    """Seconds of processor time that a process, which may have ended, has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def in_fork(work):
    """What became of `work` in a forked child: `right`, `wrong`, `raised`, `hung`, or how it died."""
    child = os.fork()
    if child == 0:
        # One that spins hangs too.
        resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
        # Ended without cleaning up what is the parent's, and in no case as a second test run.
        code = 2
        try:
            code = 0 if work() else 1
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    used, since = 0.0, time.monotonic()
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        time.sleep(0.002)
        now = cpu_of(child)
        if now > used:
            used, since = now, time.monotonic()
        elif time.monotonic() - since > PATIENCE:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "hung"
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: "right", 1: "wrong", 2: "raised"}.get(code, f"died of {code}")


@pytest.mark.parametrize("warm", [None, one, split])
@pytest.mark.parametrize("work", [*WORK, split])
def test_a_fork_after_use(warm, work):
    assert warm is None or warm()
    assert in_fork(work) == "right"


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
            assert (round_, in_fork(WORK[round_ % 3])) == (round_, "right")
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
        assert pool.apply_async(CLEANER.clean_batch, (PAGES[1],)).get(PATIENCE).equals(BODIES[1])
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        assert all(pool.map(split, range(2), timeout=PATIENCE))


def feed(queue):
    for _ in range(3):
        queue.put(many())
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
    data, counted, over = PAGES[MANY], 0, threading.Event()

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
import dehusk, pyarrow, signal, sys, time
# A test run in the background of a script hands down that the signal is ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)
data = pyarrow.array([%r] * 20000)
cleaner = dehusk.Cleaner()
try:
    print("go", flush=True)
    while True:
        cleaner.clean_batch(data, threads=int(sys.argv[1]))
except KeyboardInterrupt:
    print(time.process_time(), flush=True)
"""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("after", [0.0, 0.3])
def test_an_interrupt_stops_a_long_call(threads, after):
    child = subprocess.Popen([sys.executable, "-c", LONG_CALL % PAGE, str(threads)], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "go\n"
    time.sleep(after)
    before = cpu_of(child.pid)
    child.send_signal(signal.SIGINT)
    after, _ = child.communicate()
    assert child.returncode == 0
    # Half a second, as the processor counts: how long that is on the clock is the machine's matter.
    assert float(after) - before < 0.5 * threads
