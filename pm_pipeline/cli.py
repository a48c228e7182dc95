"""The command ``pm-pipeline``.

Belongs here: commands, their flags and exit codes, errors in the user's words. Does not belong
here: work; each command calls the room that does it. Heavy libraries are imported by the command
that needs them, so that ``check`` answers at once.

Exit codes: 0 published, or nothing new; 1 a blocking check failed or the run broke; 2 bad usage or
``product.yml``; 3 could not start.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from pm_pipeline import __version__
from pm_pipeline.console import drawn_steps, make_console
from pm_pipeline.home import Home
from pm_pipeline.lock import HomeBusy, hold_home

FAILED, USAGE, NOT_STARTED = 1, 2, 3
NEW_OBJECTS_BEFORE_GARBAGE = 50_000
"""Python's own 700 has a tenth of a run spent on looking at the same objects of its libraries."""


class Stop(click.ClickException):
    """An end that the user can do something about: a message and an exit code, no traceback."""

    def __init__(self, message: str, exit_code: int) -> None:
        """Keep what to say and how to exit."""
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        """Print the message alone."""
        make_console(stderr=True).print(f"[red]error:[/red] {self.message}", markup=True)


home_option = click.option(
    "--home",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="The product's folder; default $PM_PIPELINE_HOME, else data/.",
)


@contextmanager
def _startable() -> Iterator[None]:
    """Turn what keeps a command from starting into exit code 3."""
    try:
        yield
    except HomeBusy as problem:
        raise Stop(f"{problem}; wait for it to end, or stop it", NOT_STARTED) from None
    except PermissionError as problem:
        raise Stop(
            f"no permission for {problem.filename}: this user must be able to write the home",
            NOT_STARTED,
        ) from None
    except OSError as problem:
        place = problem.filename or "the disk"
        raise Stop(f"{place}: {problem.strerror or problem}", NOT_STARTED) from None


def with_home(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command its home and the exit code of what keeps it from starting."""

    @home_option
    @wraps(command)
    def wrapped(directory: Path | None, **arguments: Any) -> None:
        with _startable():
            command(Home.locate(directory), **arguments)

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pm-pipeline")
def main() -> None:
    """Raw product events in, an audited DuckDB warehouse out."""
    gc.set_threshold(NEW_OBJECTS_BEFORE_GARBAGE)
    # What lives at the end goes with the process; looking through it for garbage takes seconds.
    atexit.register(gc.freeze)


def _checked_product(home: Home) -> Any:
    """Return the product, or stop with every fault of ``product.yml``."""
    from pm_pipeline.checks.registry import known_check_names
    from pm_pipeline.checks.settings import CheckSettings, CheckSettingsError
    from pm_pipeline.product import ProductFileError, load_product

    try:
        product = load_product(home.product_file, known_checks=known_check_names())
        CheckSettings.from_product(product.checks)
    except ProductFileError as problem:
        for fault in problem.faults:
            click.echo(str(fault), err=True)
        count = len(problem.faults)
        raise Stop(f"{home.product_file}: {count} fault{'s' if count > 1 else ''}", USAGE) from None
    except CheckSettingsError as problem:
        for key, message in problem.faults:
            click.echo(f"product.yml: {key}: {message}", err=True)
        raise Stop(f"{home.product_file}: see above", USAGE) from None
    return product


@main.command()
@with_home
def check(home: Home) -> None:
    """Validate product.yml alone."""
    product = _checked_product(home)
    click.echo(f"{home.product_file} is valid: {product.product.name}")


@main.command()
@with_home
@click.option("--as-of", default="", metavar="TIME", help="Count only events before this time.")
@click.option("--full-refresh", is_flag=True, help="Build every table from nothing.")
@click.option("--rebuild-from", default="", metavar="DATE", help="Replace rows from this day on.")
@click.option("--strict", is_flag=True, help="A file that cannot be read fails the run.")
def run(home: Home, as_of: str, full_refresh: bool, rebuild_from: str, strict: bool) -> None:
    """Ingest, build, check and publish."""
    from pm_pipeline.options import parse_as_of, parse_date

    product = _checked_product(home)
    try:
        if as_of:
            parse_as_of(as_of, product.product.timezone)
        if rebuild_from:
            parse_date(rebuild_from)
    except ValueError as problem:
        flag = "--as-of" if "time" in str(problem) else "--rebuild-from"
        raise Stop(f"{flag}: {problem}", USAGE) from None
    settings: dict[str, object] = {
        "as_of": as_of,
        "full_refresh": full_refresh,
        "rebuild_from": rebuild_from,
        "strict": strict,
    }
    console = make_console()
    console.print(f"[bold]{product.product.name}[/bold]  {home.root}")
    with hold_home(home):
        home.landing.mkdir(parents=True, exist_ok=True)
        os.access(home.root, os.W_OK)
        from pm_pipeline.execution import execute
        from pm_pipeline.summary import print_run_summary

        with drawn_steps(console):
            outcome = execute(home, settings)
        print_run_summary(console, home, outcome)
    if not outcome.succeeded:
        sys.exit(FAILED)


@main.command()
@with_home
@click.option("--users", type=click.IntRange(min=10), default=None, help="People to simulate.")
@click.option("--days", type=click.IntRange(min=14), default=400, show_default=True)
@click.option("--seed", type=int, default=20260101, show_default=True)
def demo(home: Home, users: int | None, days: int, seed: int) -> None:
    """Write a simulated product whose true answers are known."""
    from pm_pipeline.simulate import DemoRefused, write_demo

    try:
        with hold_home(home):
            summary = write_demo(home, users=users, days=days, seed=seed)
    except (DemoRefused, ValueError) as problem:
        raise Stop(str(problem), USAGE) from None
    click.echo(
        f"{summary.product_file}: {summary.users:,} people, {summary.events:,} events in "
        f"{summary.files} files, {summary.first_day} to {summary.last_day}"
    )
    click.echo(f"{summary.truths_file}: the true answers, which the pipeline never reads")
    click.echo("next: pm-pipeline run")


@main.command()
@with_home
def status(home: Home) -> None:
    """Say what is published, how fresh it is, and what failed."""
    from pm_pipeline.summary import print_status

    print_status(make_console(), home)


@main.command()
@with_home
@click.option("--open", "open_page", is_flag=True, help="Show it in the browser.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["html", "md"]),
    default="html",
    show_default=True,
    help="md prints the week as a message: what changed, why, what to decide.",
)
def report(home: Home, open_page: bool, form: str) -> None:
    """Write the report of the published warehouse anew."""
    if not home.published_database.exists():
        raise Stop("nothing is published yet: pm-pipeline run", FAILED)
    if form == "md":
        from pm_pipeline.publish.week_in_words import week_in_words

        name = _checked_product(home).product.name
        click.echo(week_in_words(home.published_database, name), nl=False)
        return
    from pm_pipeline.publish.report import write_report

    product = _checked_product(home)
    write_report(
        home.published_database,
        home.report_page,
        product_name=product.product.name,
        vision=product.product.vision,
        timezone=product.product.timezone,
        week_starts_on=product.product.week_starts_on,
        cache=home.report_cache,
    )
    click.echo(str(home.report_page))
    if open_page:
        webbrowser.open(home.report_page.as_uri())


@main.command()
@with_home
@click.option("--port", type=int, default=3000, show_default=True)
def ui(home: Home, port: int) -> None:
    """Start the Dagster UI on this home."""
    from pm_pipeline.instance import INSTANCE_SETTINGS, prepare_instance

    prepare_instance(home)
    command = Path(sys.executable).with_name("dagster")
    workspace = INSTANCE_SETTINGS.with_name("workspace.yaml")
    os.execv(command, [str(command), "dev", "--workspace", str(workspace), "--port", str(port)])


@main.command("size-experiment")
@with_home
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    required=True,
    help="A metric and the change to find, such as songs=5%; several may be given.",
)
@click.option(
    "--guardrail",
    "guardrails",
    multiple=True,
    help="A metric and how much worse is still fine, such as likes=10%.",
)
@click.option("--arms", default=2, type=click.IntRange(2, 20), help="Control included. Default 2.")
@click.option("--window", default=14, type=click.IntRange(1, 365), help="Days a user is followed.")
@click.option(
    "--before",
    default=14,
    type=click.IntRange(0, 365),
    help="Days before exposure that the result is adjusted by; 0 turns it off.",
)
@click.option("--alpha", default=0.05, type=click.FloatRange(0, 0.5, min_open=True, max_open=True))
@click.option(
    "--inference",
    default="fixed",
    type=click.Choice(["fixed", "sequential", "group_sequential"]),
)
def size_experiment(
    home: Home,
    metrics: tuple[str, ...],
    guardrails: tuple[str, ...],
    arms: int,
    window: int,
    before: int,
    alpha: float,
    inference: Any,
) -> None:
    """How many users and days an experiment needs, from the product's own past."""
    from pm_pipeline.sizing import CannotSize, Trial, effects_of, size_lines

    product = _checked_product(home)
    trial = Trial(window, before, arms, alpha, inference)
    try:
        lines = list(size_lines(home, product, effects_of(metrics), effects_of(guardrails), trial))
    except CannotSize as problem:
        raise Stop(str(problem), USAGE) from None
    for line in lines:
        click.echo(line)


@main.command()
@with_home
@click.option(
    "--portable",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The DuckDB file to write, with the events inside.",
)
def export(home: Home, target: Path) -> None:
    """Write one DuckDB file that needs no other."""
    from pm_pipeline.publish.warehouse import export_portable

    if not home.published_database.exists():
        raise Stop("nothing is published yet: pm-pipeline run", FAILED)
    try:
        count = export_portable(home, target)
    except FileExistsError:
        raise Stop(f"{target} exists already; name another file", USAGE) from None
    click.echo(f"{target}: {count:,} events inside")


@main.command("export-audience")
@with_home
@click.option("--stage", help="A stage: new, current, at_risk, dormant or resurrected.")
@click.option("--persona", help="A persona of product.yml.")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that gets the file.",
)
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv")
@click.option("--with-devices", is_flag=True, help="People who never signed in too.")
def export_audience(
    home: Home,
    stage: str | None,
    persona: str | None,
    folder: Path,
    form: Any,
    with_devices: bool,
) -> None:
    """Write who came into a stage or persona since the last export, and who left it."""
    from pm_pipeline.publish.audience import STAGES, audience_difference, write_difference

    product = _checked_product(home)
    if (stage is None) == (persona is None):
        raise Stop("name either --stage or --persona", USAGE)
    kind: Any = "stage" if stage else "persona"
    name = str(stage or persona)
    known = STAGES if stage else tuple(product.personas)
    if name not in known:
        raise Stop(f"--{kind}: expected one of {', '.join(known)}, got {name}", USAGE)
    if not home.published_database.exists():
        raise Stop("nothing is published yet: pm-pipeline run", FAILED)
    difference = audience_difference(home, kind, name, with_devices=with_devices)
    if difference.is_empty:
        click.echo(f"{kind} {name}: nobody came or left since the last export")
        return
    target = write_difference(home, difference, folder, form)
    click.echo(
        f"{target}: {len(difference.added):,} added, {len(difference.removed):,} removed, "
        f"{len(difference.members):,} in all"
    )
