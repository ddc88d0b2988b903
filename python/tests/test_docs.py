"""What people copy runs."""

import pytest
from docs import programs


def test_the_readme(capsys):
    [program] = programs("README.md")
    exec(program, {})
    assert "The ferry left at noon" in capsys.readouterr().out


def test_the_wheels_readme(capsys):
    [program] = programs("python/README.md")
    exec(program, {})
    assert "newsletter-signup/" in capsys.readouterr().out


@pytest.mark.parametrize("program", programs("docs/python.md"))
def test_the_guide(program):
    exec(program, {})
