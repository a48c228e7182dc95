"""However a ``product.yml`` is broken, the answer is a list of faults, never a traceback."""

from __future__ import annotations

import random
from pathlib import Path

from product_files import EVERYTHING

from pm_pipeline.product import ProductFileError
from pm_pipeline.product.loading import read_product

SCRAPS = [
    b"{}", b"[]", b"~", b"1", b"-1", b"1e999", b".nan", b"true", b"'x'", b"[1, 2]", b"{a: 1}",
    b"? x", b"&a", b"*a", b"!!int x", b"!x", b"\t", b"%", b"@", b"|", b"- ", b": ", b"#",
    b"\"", b"0", b"9" * 30, b"99%", b"\xff", b"\x00", b"\xf0\x9f\x98\x80", b"[null]", b"2026-13-45",
    b"{[a]: 2}", b"0 days",
]  # fmt: skip


def broken(source: bytes, chance: random.Random) -> bytes:
    """Put a scrap in place of a value, into a line, or drop a line."""
    lines = source.split(b"\n")
    for _ in range(chance.choice([1, 1, 2])):
        number = chance.randrange(len(lines))
        key, colon, _ = lines[number].partition(b": ")
        place = chance.randrange(len(lines[number]) + 1)
        lines[number : number + 1] = chance.choice(
            [
                [key + colon + chance.choice(SCRAPS)],
                [lines[number][:place] + chance.choice(SCRAPS) + lines[number][place:]],
                [],
            ]
        )
    return b"\n".join(lines)


def test_broken_files_are_faults(tmp_path: Path) -> None:
    chance = random.Random(20260111)
    source, path = EVERYTHING.read_bytes(), tmp_path / "product.yml"
    refused = 0
    for _ in range(60):
        path.write_bytes(broken(source, chance))
        try:
            read_product(path, {"rejected_share"}, refuse_later_work=False)
        except ProductFileError as error:
            refused += 1
            assert error.faults and all(fault.message for fault in error.faults)
    assert refused > 40
