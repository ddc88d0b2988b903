"""What Python costs over the crate: microseconds a call for short texts, and the share of speed for batches of 1 MB.

Needs a wheel with the crate's own loop in it:

    maturin develop --profile fast --features _bench && python benches/overhead.py [JSONL]

Both sides run in turns in one process and are measured in CPU time, so that other work on the machine falls on both.
`JSONL` are pages with a `text` field, for batches; by default they are made of the project's own cases.
"""

import json
import statistics
import sys
import time
from pathlib import Path

import pyarrow

import dehusk
from dehusk._dehusk import _bench

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from corpus import texts  # noqa: E402

CLEANER = dehusk.Cleaner()


def cpu(work) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def in_turns(ours, crates, rounds=15) -> list[tuple[float, float]]:
    ours(), crates()
    return [(cpu(ours), cpu(crates)) for _ in range(rounds)]


def overhead(text: str, calls=3000) -> None:
    for name, clean in (("dehusk.clean", dehusk.clean), ("Cleaner.clean", CLEANER.clean)):

        def loop():
            for _ in range(calls):
                clean(text)

        times = in_turns(loop, lambda: _bench(CLEANER, [text], calls))
        over = statistics.median(ours - crate for ours, crate in times) / calls
        alone = statistics.median(crate for _, crate in times) / calls
        print(f"{name:14} {len(text):5} bytes: {over * 1e6:6.2f} µs over the crate's {alone * 1e6:.2f} µs")


def batches(pages: list[str]) -> None:
    size = sum(len(p.encode()) for p in pages)
    array = pyarrow.array(pages)
    for name, clean in (
        ("clean_batch", lambda: CLEANER.clean_batch(array)),
        ("with report", lambda: CLEANER.clean_batch(array, report=True)),
    ):
        times = in_turns(clean, lambda: _bench(CLEANER, pages, 1))
        ratio = statistics.median(crate / ours for ours, crate in times)
        speed = statistics.median(size / crate for _, crate in times) / 1e6
        print(f"{name:14} {size / 1e6:.2f} MB in {len(pages)} pages: {ratio:.1%} of the crate's {speed:.1f} MB/s of CPU time")


def main() -> None:
    for text in ("Share this", "The ferry left at noon.\n", "Subscribe to our newsletter\n\nThe ferry left at noon.\n"):
        overhead(text)
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8") as lines:
            pages = [json.loads(line)["text"] for line in lines]
    else:
        pages = list(texts().values())
    some, size = [], 0
    for page in pages * 50:
        some.append(page)
        size += len(page.encode())
        if size >= 1_000_000:
            break
    batches(some)


if __name__ == "__main__":
    main()
