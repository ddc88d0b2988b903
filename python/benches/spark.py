"""A Spark job against the command: the same bodies, and the CPU time that each takes.

    python benches/spark.py [MEGABYTES [SETTING=VALUE…]]

Pages are made of the project's own cases, each with a paragraph that is its own. Spark runs two executor processes of
one core (`local-cluster[2,1,2048]`), and one of them is killed while the last job runs. The command runs before and after,
with one thread. CPU time is that of the executors, their Python workers and the driver from the job's start to its end,
the warming up of their JVMs included. Both read and write the same Parquet files. `copied` is the same job with a function
that gives every batch back as it is: what Spark itself takes.
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
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from corpus import texts  # noqa: E402

PAGES_IN_GROUP = 500
PAGES_IN_FILE = 2500
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
    (folder / "parquet").mkdir()
    schema = pa.schema({"path": pa.string(), "text": pa.string()})
    size, count, rows, writer = 0, 0, [], None
    for name, text in pages(megabytes):
        size, count = size + len(text.encode()), count + 1
        rows.append({"path": name, "text": text})
        if len(rows) == PAGES_IN_GROUP:
            if count % PAGES_IN_FILE == PAGES_IN_GROUP % PAGES_IN_FILE:
                writer and writer.close()
                writer = pq.ParquetWriter(folder / f"parquet/{count:07}.parquet", schema)
            writer.write_table(pa.Table.from_pylist(rows, schema))
            rows = []
    writer and writer.close()
    if rows:
        pq.write_table(pa.Table.from_pylist(rows, schema), folder / "parquet/rest.parquet")
    return size, count


class Descendants:
    """CPU seconds of all processes below this one, the ended ones too, by what they are."""

    def __init__(self):
        self.seen: dict[int, tuple[str, float]] = {}
        threading.Thread(target=self.watch, daemon=True).start()

    def watch(self):
        while True:
            self.look()
            time.sleep(0.2)

    def look(self) -> Counter:
        parents, times = {}, {}
        for entry in os.scandir("/proc"):
            if entry.name.isdigit():
                try:
                    fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                    command = Path(entry.path, "cmdline").read_bytes()
                except OSError:
                    continue
                pid, executor = int(entry.name), b"CoarseGrainedExecutorBackend" in command
                kind = "executors" if executor else "workers" if b"pyspark.daemon" in command else "driver"
                if not command and pid in self.seen:
                    # It has ended, and no longer says what it was.
                    kind = self.seen[pid][0]
                parents[pid], times[pid] = int(fields[1]), (kind, (int(fields[11]) + int(fields[12])) / TICK)
        for pid in parents:
            above = pid
            while above in parents and above != os.getpid():
                above = parents[above]
            if above == os.getpid() and pid != os.getpid():
                self.seen[pid] = times[pid]
        used = Counter()
        for kind, seconds in list(self.seen.values()):
            used[kind] += seconds
        return used


def digests(folder: Path) -> list[str]:
    """Name and hash of every body in a folder of Parquet files."""
    return sorted(
        f"{path} {hashlib.sha256(text.encode()).hexdigest()}"
        for fragment in pq.ParquetDataset(folder).fragments
        for batch in fragment.to_batches(batch_size=PAGES_IN_GROUP)
        for path, text in zip(*(batch.column(name).to_pylist() for name in ("path", "text")), strict=True)
    )


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    folder = Path(tempfile.mkdtemp(prefix="dehusk-spark-"))
    size, count = write(folder, megabytes)
    print(f"{size / 1e6:.0f} MB in {count} pages", flush=True)

    def command() -> float:
        for old in ("out", "out.report"):
            shutil.rmtree(folder / old, ignore_errors=True)
        dehusk = Path(sys.executable).with_name("dehusk")
        options = ["--report-text", "none", "--threads", "1", "--isolated", "-q"]
        before = os.times()
        subprocess.run([dehusk, "clean", folder / "parquet", "-o", folder / "out", *options], check=True)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        print(f"command: {cpu:.1f} s of CPU time, {size / 1e6 / cpu:.1f} MB/s", flush=True)
        return cpu

    alone = [command()]
    theirs = digests(folder / "out")

    import pyspark

    os.environ |= {"SPARK_HOME": str(Path(pyspark.__file__).parent), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    from pyspark.sql import SparkSession

    import dehusk.spark

    settings = {
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(PAGES_IN_GROUP),
    } | dict(setting.split("=", 1) for setting in sys.argv[2:])
    builder = SparkSession.builder.master("local-cluster[2,1,2048]")
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    df = spark.read.parquet(str(folder / "parquet"))
    dehusk.spark.clean(df.limit(10)).collect()
    port = spark.sparkContext.getConf().get("spark.driver.port")
    descendants = Descendants()

    def job(name: str, made) -> float:
        before, began = descendants.look(), time.monotonic()
        made.write.mode("overwrite").parquet(str(folder / "cleaned"))
        took, used = time.monotonic() - began, descendants.look() - before
        cpu = used.total()
        parts = ", ".join(f"{kind} {seconds:.1f}" for kind, seconds in sorted(used.items()))
        share = f"{sum(alone) / len(alone) / cpu:.0%} of the command's"
        print(f"Spark, {name}: {cpu:.1f} s of CPU time ({parts}), {size / 1e6 / cpu:.1f} MB/s, {share}, {took:.0f} s", flush=True)
        return took

    def compare() -> None:
        print("bodies", "equal" if digests(folder / "cleaned") == theirs else "DIFFER", flush=True)

    def copy(batches):
        yield from batches

    took = job("cleaned", dehusk.spark.clean(df))
    compare()
    alone.append(command())
    job("copied", df.mapInArrow(copy, df.schema))
    find = ["pgrep", "-f", f"CoarseGrainedExecutorBackend.*:{port}"]
    executor = int(subprocess.run(find, capture_output=True, check=True, text=True).stdout.split()[0])
    threading.Timer(took / 3, os.kill, (executor, signal.SIGKILL)).start()
    job("cleaned, an executor killed", dehusk.spark.clean(df))
    compare()
    spark.stop()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
