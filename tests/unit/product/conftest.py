"""A small valid ``product.yml`` and ways to load variants of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pm_pipeline.product import Fault, Product, ProductFileError, load_product


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Product]:
    """Load a text (or bytes) as ``product.yml``."""

    def load_text(content: str | bytes, known_checks: set[str] | None = None) -> Product:
        path = tmp_path / "product.yml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return load_product(path, known_checks)

    return load_text


@pytest.fixture
def faults_of(load: Callable[..., Product]) -> Callable[..., list[Fault]]:
    """Load a text that must be refused, and return its faults."""

    def faults(content: str | bytes, known_checks: set[str] | None = None) -> list[Fault]:
        with pytest.raises(ProductFileError) as refused:
            load(content, known_checks)
        return refused.value.faults

    return faults
