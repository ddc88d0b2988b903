"""What people copy runs in the engines, each program in a process of its own."""

import os
import subprocess
import sys

import pytest
from docs import programs

PROGRAMS = [(d, p) for d in ("docs/python.md", "docs/spark.md", "docs/ray.md") for p in programs(d, engines=True)]


@pytest.mark.parametrize(("document", "program"), PROGRAMS)
def test_a_program_of_the_documents(document, program, tmp_path):
    # Spark and Ray on one machine, without looking for another.
    local = {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable, "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
    (tmp_path / "program.py").write_text(f"if __name__ == '__main__':\n{''.join('    ' + line for line in program.splitlines(keepends=True))}")
    told = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env=os.environ | local, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    if 'json("report")' in program:
        reports = [p for p in (tmp_path / "report").iterdir() if p.suffix == ".json"]
        from corpus import command

        assert b"newsletter-signup" in command("report", *reports, "--to", "json").stdout
