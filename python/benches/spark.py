"""A Spark job against the command: the same bodies, and the CPU time that each takes.

    python benches/spark.py [MEGABYTES]

Pages are made of the project's own cases, each with a paragraph that is its own. Spark runs two executor processes of
one core (`local-cluster[2,1,2048]`), and one of them is killed while it works. CPU time is that of the executors, their
Python workers and the driver from the job's start to its end, and of the command with one thread. Reading and writing
are included on both sides: Parquet for Spark, files for the command.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from corpus import texts  # noqa: E402

PAGES_IN_PART = 500
TICK = os.sysconf("SC_CLK_TCK")


def pages(megabytes: int):
    """Pages of about 20 kB, as (name, text)."""
    given = [text for name, text in sorted(texts().items()) if 300 < len(text) < 50_000]
    size, number = 0, 0
    while size < megabytes * 1_000_000:
        own = f"The ferry of day {number} left at noon, and nobody of the {number % 97} people on the pier waved.\n\n"
        some = [given[(number * 7 + i * 13) % len(given)] for i in range(12)]
        text = own + "\n".join(some)
        size += len(text.encode())
        yield f"{number:07}.txt", text
        number += 1


def write(folder: Path, megabytes: int) -> tuple[int, int]:
    (folder / "files").mkdir()
    (folder / "parquet").mkdir()
    size, rows, part = 0, [], 0

    def flush():
        nonlocal rows, part
        table = pa.table({"path": [r[0] for r in rows], "text": [r[1] for r in rows]})
        pq.write_table(table, folder / f"parquet/{part:05}.parquet")
        rows, part = [], part + 1

    count = 0
    for name, text in pages(megabytes):
        (folder / "files" / name).write_text(text, encoding="utf-8", newline="")
        size, count = size + len(text.encode()), count + 1
        rows.append((name, text))
        if len(rows) == PAGES_IN_PART:
            flush()
    if rows:
        flush()
    return size, count


class Descendants:
    """CPU seconds of all processes below this one, the ended ones too."""

    def __init__(self):
        self.seen: dict[int, float] = {}
        self.over = threading.Event()
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while not self.over.wait(0.2):
            self.look()

    def look(self) -> float:
        parents, times = {}, {}
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                try:
                    fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                except OSError:
                    continue
                parents[int(entry.name)] = int(fields[1])
                times[int(entry.name)] = (int(fields[11]) + int(fields[12])) / TICK
        for pid in parents:
            above = pid
            while above in parents and above != os.getpid():
                above = parents[above]
            if above == os.getpid() and pid != os.getpid():
                self.seen[pid] = times[pid]
        return sum(self.seen.values())


def digest(path: str, text: str) -> str:
    return f"{path} {hashlib.sha256(text.encode()).hexdigest()}"


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    folder = Path(tempfile.mkdtemp(prefix="dehusk-spark-"))
    size, count = write(folder, megabytes)
    print(f"{size / 1e6:.0f} MB in {count} pages")

    command = Path(sys.executable).with_name("dehusk")
    arguments = ["clean", folder / "files", "-o", folder / "out", "--report-text", "none", "--threads", "1", "--isolated", "-q"]
    before = os.times()
    subprocess.run([command, *arguments], check=True)
    after = os.times()
    alone = after.children_user + after.children_system - before.children_user - before.children_system
    print(f"command: {alone:.1f} s of CPU time, {size / 1e6 / alone:.1f} MB/s")

    import pyspark

    os.environ |= {"SPARK_HOME": str(Path(pyspark.__file__).parent), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession

    import dehusk.spark

    spark = (
        SparkSession.builder.master("local-cluster[2,1,2048]")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(PAGES_IN_PART))
        .config("spark.sql.files.maxPartitionBytes", "4m")
        .getOrCreate()
    )
    df = spark.read.parquet(str(folder / "parquet"))
    dehusk.spark.clean(df.limit(10)).collect()
    port = spark.sparkContext.getConf().get("spark.driver.port")
    for kill in (False, True):
        descendants = Descendants()
        before, began = descendants.look(), time.monotonic()
        if kill:
            find = ["pgrep", "-f", f"CoarseGrainedExecutorBackend.*:{port}"]
            executor = int(subprocess.run(find, capture_output=True, check=True, text=True).stdout.split()[0])
            threading.Timer(took / 3, os.kill, (executor, signal.SIGKILL)).start()
        dehusk.spark.clean(df).write.mode("overwrite").parquet(str(folder / "cleaned"))
        took, cpu = time.monotonic() - began, descendants.look() - before
        descendants.over.set()
        done = pq.read_table(folder / "cleaned").to_pylist()
        ours = sorted(digest(row["path"], row["text"]) for row in done)
        theirs = sorted(digest(p.name, p.read_bytes().decode()) for p in (folder / "out").iterdir())
        print(f"Spark{', an executor killed' if kill else ''}: {cpu:.1f} s of CPU time, {size / 1e6 / cpu:.1f} MB/s, "
              f"{alone / cpu:.1%} of the command's, {took:.0f} s; bodies {'equal' if ours == theirs else 'DIFFER'}")
    spark.stop()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
