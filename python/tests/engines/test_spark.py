"""Spark with two executor processes."""

import json
import os
import signal
import subprocess
import threading

from corpus import drop_empty

import dehusk.spark


def frame(spark, cases, copies=1, parts=4):
    rows = [(f"{c.name}", c.text) for _ in range(copies) for c in cases]
    return spark.createDataFrame(rows, "path string, text string").repartition(parts)


def test_bodies_and_reports_are_the_commands(spark, cases):
    done = dehusk.spark.clean(frame(spark, cases), report=True)
    assert done.columns == ["path", "text", "dehusk"]
    by_name = {row.path: row for row in done.collect()}
    for case in cases:
        row = by_name[case.name]
        assert row.text == case.body
        report = row.dehusk.asDict(recursive=True)
        for added in ("words", "removed_word_ratio", "categories"):
            report.pop(added)
        assert drop_empty(report | {"path": case.name}) == drop_empty(case.record)


def test_reports_add_up_to_the_commands(spark, cases, tmp_path):
    from corpus import command
    from pyspark.sql import functions as F

    done = dehusk.spark.clean(frame(spark, cases), report=True)
    done.select(F.col("dehusk").withField("path", F.col("path")).alias("r")).select("r.*").write.json(str(tmp_path / "report"))
    parts = sorted((tmp_path / "report").glob("part-*.json"))
    summary = json.loads(command("report", *parts, "--to", "json").stdout)
    alone = tmp_path / "alone.jsonl"
    alone.write_text("".join(c.line + "\n" for c in cases))
    expected = json.loads(command("report", alone, "--to", "json").stdout)
    assert summary["categories"] == expected["categories"] and summary["bytes"] == expected["bytes"]


def test_sites_learned_in_partitions_are_those_of_the_whole(spark):
    from test_sites import PAGES

    model = dehusk.SiteModel()
    for url, text in PAGES:
        model.observe(text, url)
    cleaner = dehusk.Cleaner(site_model=model)
    pages = spark.createDataFrame(PAGES, "url string, text string").repartition(5)
    learned = dehusk.spark.learn(pages, site_column="url")
    assert learned == model
    done = dehusk.spark.clean(pages, site_column="url", site_model=learned)
    expected = sorted((url, cleaner.clean(text, url).body) for url, text in PAGES)
    assert sorted((row.url, row.text) for row in done.collect()) == expected


def test_a_job_survives_an_executor(spark, cases):
    copies = 60
    expected = sorted((c.name, c.body) for c in cases)
    job = dehusk.spark.clean(frame(spark, cases, copies, parts=24))
    killed = []

    def kill_one_executor():
        # Executors of this session only: they are told its driver's address.
        port = spark.sparkContext.getConf().get("spark.driver.port")
        found = subprocess.run(["pgrep", "-f", f"CoarseGrainedExecutorBackend.*:{port}"], capture_output=True, text=True)
        pid = int(found.stdout.split()[0])
        os.kill(pid, signal.SIGKILL)
        killed.append(pid)

    timer = threading.Timer(1.5, kill_one_executor)
    timer.start()
    rows = [(row.path, row.text) for row in job.collect()]
    assert killed, "the job was over before an executor was killed"
    timer.join()
    assert sorted(rows) == sorted(expected * copies)
