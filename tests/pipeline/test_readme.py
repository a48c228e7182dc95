"""The README is run: what it shows must work as it stands."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from pm_pipeline.home import Home
from tests.conftest import REPOSITORY, command

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN, SHOWN = {"python", "yaml", "sh"}, {""}


class Block(NamedTuple):
    """A fenced block: its language and its text."""

    language: str
    text: str


def blocks() -> list[Block]:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    return [Block(*found) for found in BLOCK.findall(text)]


def of(language: str) -> list[str]:
    found = [block.text for block in blocks() if block.language == language]
    assert found
    return found


def commands() -> list[list[str]]:
    """Every line of the sh blocks as its words, comments aside."""
    lines = [shlex.split(line, comments=True) for text in of("sh") for line in text.splitlines()]
    return [words for words in lines if words]


def test_every_block_is_of_a_kind_that_runs_here() -> None:
    assert {block.language for block in blocks()} <= RUN | SHOWN


def test_the_first_commands_are_the_two() -> None:
    assert commands()[:2] == [["make", "run"], ["make", "test"]]


@pytest.mark.parametrize("words", [words for words in commands() if words[0] == "make"], ids=str)
def test_make_targets_exist(words: list[str]) -> None:
    done = subprocess.run(
        ["make", "-n", *words[1:]], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [words for words in commands() if words[0] != "make"], ids=str)
def test_commands_and_their_flags_exist(words: list[str]) -> None:
    assert words[0] == "pm-pipeline"
    ended = command(words[1], "--help")
    assert ended.code == 0, ended.output
    for flag in (word for word in words if word.startswith("--")):
        assert flag in ended.output


def test_the_product_file_is_valid(tmp_path: Path) -> None:
    (text,) = of("yaml")
    home = Home(tmp_path)
    home.product_file.write_text(text, encoding="utf-8")
    ended = command("check", home=home)
    assert ended.code == 0, ended.output
    home.product_file.write_text(text.replace("timezone", "timezon"), encoding="utf-8")
    assert command("check", home=home).code == 2


def test_the_queries_run_in_their_order(
    demo_home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, object] = {}
    for text in of("python"):
        exec(text.replace("data/warehouse", str(demo_home.warehouse)), names)
        printed = capsys.readouterr().out
        assert "0 rows" not in printed
        assert len(printed.splitlines()) > 5
    names["warehouse"].close()  # type: ignore[attr-defined]


def test_paths_and_links_that_it_names_exist() -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:docs|pm_pipeline|dbt_project)/[\w./]*|[A-Z]+\.md)`", text)
    named += re.findall(r"\]\((?!https?:|#)([^)#]+)", text)
    assert named
    assert [name for name in named if not (REPOSITORY / name).exists()] == []
