"""``python -m pm_pipeline``: the same as the command ``pm-pipeline``."""

from pm_pipeline.cli import main

main(prog_name="pm-pipeline")
