"""From the text of a YAML file to plain data, and the line on which each key stands.

Belongs here: YAML and its faults (syntax, duplicate keys, aliases, tags). Does not belong here:
anything about ``product.yml`` itself. Values follow YAML 1.2: only ``true`` and ``false`` are
truths (``on`` and ``no`` are text), dates and ``12:30`` are text, and a number with leading zeros
is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.reader import ReaderError

from pm_pipeline.product.shape import Location

DEEPEST = 50
PLAIN_TAGS = ("null", "bool", "int", "float", "str", "map", "seq")
_TAG = "tag:yaml.org,2002:"
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")


class _Loader(yaml.SafeLoader):
    """Composes nodes only: nothing is constructed, so no tag can run anything."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            message = f"aliases such as *{event.anchor} are not allowed; write the value out"
            raise yaml.composer.ComposerError(None, None, message, event.start_mark)
        self.depth += 1
        if self.depth > DEEPEST:
            event = self.peek_event()  # type: ignore[no-untyped-call]
            message = f"nested more than {DEEPEST} deep"
            raise yaml.composer.ComposerError(None, None, message, event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", _INT.pattern, list("-+0123456789")),
    ("float", r"[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(f"(?:{_pattern})$"), _first)


@dataclass
class YamlFile:
    """The data of a file, the line (from 1) of each key or item, and the faults found so far."""

    data: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    faults: list[tuple[int, Location, str]] = field(default_factory=list)

    def line_of(self, location: Location) -> int:
        """Return the line of the key, or of the nearest one around it that is in the file."""
        return self.lines.get(self.part_in_file(location), 1)

    def part_in_file(self, location: Location) -> Location:
        """Return the longest beginning of a location that is in the file."""
        while location and location not in self.lines:
            location = location[:-1]
        return location


def read_yaml(content: bytes) -> YamlFile:
    """Return the data of a YAML document; faults are in the result, none is raised."""
    result = YamlFile()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        result.faults.append((line, (), "not UTF-8 text; save the file as UTF-8"))
        return result
    try:
        loader = _Loader(text)
        root = loader.get_single_node()
    except ReaderError as error:
        line = text[: error.position].count("\n") + 1
        message = f"the character U+{int(error.character):04X} is not allowed"
        result.faults.append((line, (), message))
        return result
    except yaml.MarkedYAMLError as error:
        result.faults.append((_line_of_error(error), (), _plain(error)))
        return result
    except RecursionError:
        result.faults.append((1, (), "nested too deeply"))
        return result
    if root is not None:
        result.data = _value(root, (), result)
    return result


def _value(node: yaml.Node, at: Location, result: YamlFile) -> Any:
    if node.tag.removeprefix(_TAG) not in PLAIN_TAGS:
        line = node.start_mark.line + 1
        tag = node.tag.replace(_TAG, "!!")
        result.faults.append((line, at, f"the tag {tag} is not allowed"))
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, at, result)
    if isinstance(node, yaml.SequenceNode):
        items = []
        for index, item in enumerate(node.value):
            result.lines[(*at, index)] = item.start_mark.line + 1
            items.append(_value(item, (*at, index), result))
        return items
    return _scalar(node)


def _mapping(node: yaml.MappingNode, at: Location, result: YamlFile) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            result.faults.append((line, at, "a key must be a plain name"))
            continue
        key = str(key_node.value)
        if key in mapping:
            first = result.lines[(*at, key)]
            message = f"this key is there twice; the first stands on line {first}"
            result.faults.append((line, (*at, key), message))
            continue
        result.lines[(*at, key)] = line
        mapping[key] = _value(value_node, (*at, key), result)
        if mapping[key] is None and value_node.tag == _TAG + "null":
            message = "nothing stands after this key; give a value or remove the key"
            result.faults.append((line, (*at, key), message))
    return mapping


def _scalar(node: yaml.Node) -> Any:
    text, tag = str(node.value), node.tag.removeprefix(_TAG)
    if tag == "null":
        return None
    if tag == "bool" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if tag == "int" and _INT.fullmatch(text):
        return int(text)
    if tag == "float":
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _line_of_error(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def _plain(error: yaml.MarkedYAMLError) -> str:
    """Return a syntax fault in words for somebody who never heard of tokens."""
    problem = error.problem or "cannot be read"
    if "'\\t'" in problem:
        return "a tab is not allowed as indentation; use spaces"
    if "expected a single document" in (error.context or ""):
        return "a second document begins here; expected one only"
    if isinstance(error, yaml.composer.ComposerError):
        return problem
    hints = {
        "mapping values are not allowed here": "a ':' too many, or wrong indentation, "
        "or a text with ': ' that needs quotes",
        "could not find expected ':'": "expected 'key: value'; is a ':' missing?",
        "expected <block end>": "wrong indentation",
        "while scanning a quoted scalar": "a quote is not closed",
        "expected ',' or": "a bracket is not closed, or a comma is missing",
    }
    words = f"{error.context or ''} {problem}"
    hint = next((text for sign, text in hints.items() if sign in words), None)
    return f"not valid YAML: {hint or problem}"
