"""Writing a demo: the same bytes for the same seed, and nothing of the user's is replaced."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from demo_homes import written

from pm_pipeline.home import Home
from pm_pipeline.simulate import DemoRefused, write_demo


def fingerprints(root: Path) -> dict[str, str]:
    return {
        file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(root.rglob("*"))
        if file.is_file()
    }


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_same_seed_same_bytes(small, tmp_path):
    home, _, truths = small
    parameters = truths["parameters"]
    written(tmp_path, parameters["users"], parameters["days"], parameters["seed"])
    assert fingerprints(tmp_path) == fingerprints(home.root)


def test_other_seed_differs(tmp_path):
    for seed in (1, 2):
        written(tmp_path / str(seed), 50, 30, seed)
    one, two = (fingerprints(tmp_path / str(seed)) for seed in (1, 2))
    assert one["product.yml"] == two["product.yml"]
    shared = (one.keys() & two.keys()) - {"product.yml"}
    assert len(shared) > 3
    assert all(one[path] != two[path] for path in shared)


@pytest.mark.parametrize("hash_seed", ["0", "4711"])
def test_bytes_do_not_depend_on_hash_seed_zone_or_locale(tmp_path, hash_seed):
    code = (
        "import sys; from pathlib import Path; from pm_pipeline.home import Home;"
        "from pm_pipeline.simulate import write_demo;"
        "write_demo(Home(Path(sys.argv[1])), users=60, days=30, seed=5)"
    )
    environment = {
        **os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo", "LC_ALL": "C",
    }  # fmt: skip
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a")], env=environment, check=True)
    written(tmp_path / "b", 60, 30, 5)
    assert fingerprints(tmp_path / "a") == fingerprints(tmp_path / "b")


def test_files_look_old(small):
    home, _, _ = small
    newest = max(file.stat().st_mtime for file in home.landing.rglob("*.*"))
    assert newest < time.time() - 60
    assert newest == 1793494800  # 2026-11-01 02:00 in Berlin, after the last day's end


def test_product_file_holds_what_the_files_need(small):
    home, _, _ = small
    product = yaml.safe_load(home.product_file.read_text(encoding="utf-8"))
    assert list(product) == [
        "product", "sources", "identity", "exclude", "features", "personas",
        "cohorts", "funnels", "paths", "attribution", "metrics", "retention",
        "surveys", "goals", "metric_tree", "problems", "hypotheses", "roadmap", "experiments",
        "checks",
    ]  # fmt: skip
    assert [source["name"] for source in product["sources"]] == [
        "app", "backfill", "web", "partner",
    ]  # fmt: skip
    for file in home.landing.rglob("*.*"):
        folder = file.relative_to(home.landing).parts[0]
        assert sum(source["path"].startswith(f"{folder}/") for source in product["sources"]) == 1


def test_refuses_a_product_file_of_the_user(home):
    home.root.mkdir()
    home.product_file.write_text("product: {name: Mine}\n", encoding="utf-8")
    with pytest.raises(DemoRefused, match="not written by the demo"):
        write_demo(home, users=50, days=30)
    assert fingerprints(home.root).keys() == {"product.yml"}


def test_refuses_its_own_product_file_once_edited(home):
    write_demo(home, users=50, days=30)
    text = home.product_file.read_text(encoding="utf-8")
    home.product_file.write_text(text.replace("Songbird", "Nightingale"), encoding="utf-8")
    before = fingerprints(home.root)
    with pytest.raises(DemoRefused):
        write_demo(home, users=60, days=30)
    assert fingerprints(home.root) == before


def test_replaces_its_own_demo(home, tmp_path):
    write_demo(home, users=80, days=60, seed=1)
    mine = home.landing / "mine.csv"
    mine.write_text("a,b\n1,2\n", encoding="utf-8")
    write_demo(home, users=50, days=30, seed=2)
    written(tmp_path / "fresh", 50, 30, 2)
    found = fingerprints(home.root)
    assert found.pop("landing/mine.csv")
    assert found == fingerprints(tmp_path / "fresh")


def test_refuses_a_landing_file_it_would_replace(home):
    write_demo(home, users=50, days=30)
    truths = json.loads((home.root / "truths.json").read_text(encoding="utf-8"))
    path = next(iter(truths["counts"]["files"]))
    (home.landing / path).write_bytes(b"of the user")
    with pytest.raises(DemoRefused, match="changed since"):
        write_demo(home, users=50, days=30)
    assert (home.landing / path).read_bytes() == b"of the user"


def test_refuses_another_demo_once_the_home_was_run(home):
    write_demo(home, users=50, days=30)
    home.state.mkdir()
    write_demo(home, users=50, days=30)  # the same again is harmless
    with pytest.raises(DemoRefused, match="other parameters"):
        write_demo(home, users=60, days=30)


@pytest.mark.parametrize(("users", "days", "seed"), [(3, 30, 1), (50, 5, 1), (50, 30, -1)])
def test_too_small(home, users, days, seed):
    with pytest.raises(ValueError, match="at least"):
        write_demo(home, users=users, days=days, seed=seed)
    assert not home.root.exists()


@pytest.mark.parametrize(("users", "days"), [(10, 14), (10, 400), (1500, 15)])
def test_odd_sizes(home, users, days):
    summary = write_demo(home, users=users, days=days, seed=9)
    assert summary.events > 10
