"""The stubs say what is there."""

import subprocess
import sys

import pytest


def test_stubs_are_true(tmp_path):
    pytest.importorskip("mypy")
    check = [sys.executable, "-m", "mypy.stubtest", "dehusk._dehusk", "--ignore-disjoint-bases"]
    told = subprocess.run(check, capture_output=True, text=True, cwd=tmp_path)
    assert told.returncode == 0, told.stdout + told.stderr


USE = """
from typing import assert_type
import dehusk

assert_type(dehusk.clean("a"), str)
assert_type(dehusk.clean(b"a"), bytes)
page = dehusk.Cleaner(level="strict", rules=["a.toml"]).clean("a")
assert_type(page.body, str)
assert_type([r.rule for r in page.removals], list[str | None])
dehusk.Cleaner(level="wild")  # type: ignore[arg-type]
"""


def test_the_package_type_checks(tmp_path):
    pytest.importorskip("mypy")
    (tmp_path / "use.py").write_text(USE)
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "use.py"], capture_output=True, text=True, cwd=tmp_path
    )
    assert told.returncode == 0, told.stdout + told.stderr
