"""Telling somebody that a run failed: in the log, and by the command or webhook of product.yml.

Belongs here: the message and sending it. Does not belong here: when a run has failed (the job's
hook), what the report calls an alert of a metric.
"""

from __future__ import annotations

import json
import logging
import subprocess
import urllib.request

from pm_pipeline.home import Home
from pm_pipeline.product import ProductFileError, load_product
from pm_pipeline.product.models.settings import Alerts

logger = logging.getLogger("pm_pipeline")
SECONDS = 30
"""Longer nobody waits for an alert: the run is over anyway."""


def tell_of_failure(home: Home, *, run_id: str, step: str, problem: BaseException | None) -> str:
    """Log and send that a run failed in a step; returns the message.

    It names the kind of problem and not its words: those may hold values of events.
    """
    name, alerts = home.root.name, Alerts()
    try:
        product = load_product(home.product_file)
        name, alerts = product.product.name, product.alerts
    except (ProductFileError, OSError):
        pass  # a fault of the file itself is told without its settings
    kind = type(problem).__name__ if problem is not None else "unknown"
    why = "a check failed" if kind == "DagsterAssetCheckFailedError" else kind
    message = (
        f"{name}: run {run_id} failed in {step.replace('_', ' ')} ({why}). Nothing was published; "
        "the publication before stands. pm-pipeline status says more."
    )
    logger.error(message)
    for send in (_start_command, _call_webhook):
        try:
            send(alerts, message)
        except Exception:  # an alert that cannot be sent must not hide why the run failed
            logger.exception("the alert could not be sent")
    return message


def _start_command(alerts: Alerts, message: str) -> None:
    if alerts.command:
        subprocess.run([*alerts.command, message], check=True, timeout=SECONDS)


def _call_webhook(alerts: Alerts, message: str) -> None:
    if alerts.webhook:
        request = urllib.request.Request(
            alerts.webhook,
            data=json.dumps({"text": message}).encode(),
            headers={"Content-Type": "application/json"},
            method="POST",
        )
        with urllib.request.urlopen(request, timeout=SECONDS):
            pass
