"""The sources: which landing files hold events, in which format, in which columns.

Belongs here: keys of ``sources``. Does not belong here: reading the files (the room ``ingest``).
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, model_validator
from pydantic.functional_validators import BeforeValidator

from pm_pipeline.product.faults import did_you_mean, one_of, shown
from pm_pipeline.product.models.base import Section, exactly_one, only_with, shorthand
from pm_pipeline.product.support import later_values
from pm_pipeline.product.values import PropertyColumns, SourceName, Text, Zone

MAPPED_FORMATS = ("csv", "jsonl", "parquet")
NAMED_FORMATS = (
    "amplitude", "segment", "rudderstack", "mixpanel", "posthog", "snowplow", "ga4", "cloudevents",
)  # fmt: skip
TIME_FORMATS = ("epoch_s", "epoch_ms", "epoch_us", "iso8601")
STRPTIME_CODES = set("aAwdbBmyYHIpMSfgnzZjUWcxXGVu%")
_CODE = re.compile(r"%-?(.?)")


def _check_time_format(text: str) -> str:
    if text in TIME_FORMATS:
        return text
    codes = _CODE.findall(text)
    if not codes:
        hint = did_you_mean(text, TIME_FORMATS)
        raise ValueError(
            f"expected {one_of(TIME_FORMATS)}, or a pattern such as '%d/%m/%Y %H:%M', "
            f"got {shown(text)}{hint}"
        )
    for code in codes:
        if code not in STRPTIME_CODES:
            raise ValueError(f"unknown part '%{code}' in the time pattern {shown(text)}")
    return text


def _check_path(path: str) -> str:
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or path.startswith("~"):
        raise ValueError(
            f"expected a pattern below landing/ such as clicks/*.csv, got {shown(path)}"
        )
    return path


def _read_delimiter(value: object) -> str:
    if not isinstance(value, str) or len(value) != 1 or value in "\"'\r\n" or value.isalnum():
        raise ValueError(f"expected one character such as ',' or ';', got {shown(value)}")
    return value


def _unused_elsewhere(name: str, info: ValidationInfo) -> str:
    times = ((info.context or {}).get("source_names") or {}).get(name, 1)
    if times > 1:
        raise ValueError(f"{times} sources are named {shown(name)}")
    return name


class TextColumn(Section):
    """Where a text comes from: a column, or one value for all records."""

    column: Text | None = Field(default=None, description="The column that holds it.")
    value: Text | None = Field(default=None, description="A constant instead of a column.")

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        exactly_one(self, ("column",), ("value",))
        return self


class TimeColumn(Section):
    """Where a time comes from and how it is written."""

    column: Text = Field(description="The column that holds it.")
    format: Annotated[Text, AfterValidator(_check_time_format)] | None = Field(
        default=None,
        description="epoch_s, epoch_ms, epoch_us, iso8601 or a pattern such as "
        "'%d/%m/%Y %H:%M'. A column that is a timestamp already needs none.",
    )
    timezone: Zone | None = Field(
        default=None, description="The zone of times written without one. Default UTC."
    )

    @model_validator(mode="after")
    def _epochs_have_no_zone(self) -> Self:
        if self.format is not None and self.format.startswith("epoch_"):
            only_with(self, "times that are written without a zone", "timezone")
        return self


TextOrigin = Annotated[
    TextColumn, BeforeValidator(shorthand("column"), json_schema_input_type=str | TextColumn)
]
TimeOrigin = Annotated[
    TimeColumn, BeforeValidator(shorthand("column"), json_schema_input_type=str | TimeColumn)
]


def _text(description: str) -> Any:
    return Field(
        default=None, description=description + " A column, or {value: ...} for a constant."
    )


class ColumnMap(Section):
    """Which column of the file is which canonical column."""

    event_name: TextOrigin = Field(
        description="What happened. A column, or {value: ...} for a constant."
    )
    event_time: TimeOrigin = Field(
        description="When it happened. A column, or {column, format, timezone}."
    )
    user_id: TextOrigin | None = _text("The signed-in user.")
    device_id: TextOrigin | None = _text("The device or browser.")
    event_id: TextOrigin | None = _text(
        "The source's own id; without it a hash of the record's content."
    )
    session_id: TextOrigin | None = _text("The source's own session.")
    received_at: TimeOrigin | None = Field(
        default=None,
        description="When the server received it. A column, or {column, format, timezone}.",
    )
    platform: TextOrigin | None = _text("The platform, such as ios or web.")
    country: TextOrigin | None = _text("The country.")
    app_version: TextOrigin | None = _text("The version of the app.")

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if self.user_id is None and self.device_id is None:
            raise ValueError("expected user_id or device_id: an event needs somebody who did it")
        return self


class Source(Section):
    """Files of one origin. The first source whose path matches a file reads it."""

    name: Annotated[SourceName, AfterValidator(_unused_elsewhere)] = Field(
        description="The source's name, kept as source_name with every event."
    )
    path: Annotated[Text, AfterValidator(_check_path)] = Field(
        description="Which files below landing/, such as clicks/*.csv or app/**/*.jsonl.gz."
    )
    id_space: SourceName | None = Field(
        default=None,
        description="Sources with the same id_space compare their event ids with each other. "
        "Default: the source's own name.",
    )
    format: Literal[
        "csv", "jsonl", "parquet", "amplitude", "segment", "rudderstack", "mixpanel", "posthog",
        "snowplow", "ga4", "cloudevents",
    ] = Field(
        description="csv, jsonl or parquet with columns; named export formats are not "
        "supported yet.",
        json_schema_extra=later_values(*NAMED_FORMATS),
    )  # fmt: skip
    delimiter: Annotated[str, BeforeValidator(_read_delimiter)] | None = Field(
        default=None, description="What separates the values of a csv line. Default ','."
    )
    columns: ColumnMap | None = Field(
        default=None, description="Which column is which; needed with csv, jsonl and parquet."
    )
    properties: PropertyColumns = Field(
        default=(),
        description='Columns kept as properties; "*" keeps every column that is not mapped.',
    )

    @model_validator(mode="after")
    def _keys_of_the_format(self) -> Self:
        if self.format in MAPPED_FORMATS and self.columns is None:
            raise ValueError(f"format {self.format} needs columns")
        if self.format not in MAPPED_FORMATS:
            only_with(self, one_of(MAPPED_FORMATS), "columns")
        if self.format != "csv":
            only_with(self, "csv", "delimiter")
        return self

    @property
    def event_id_space(self) -> str:
        """The name under which this source's event ids are compared."""
        return self.id_space or self.name

    @property
    def csv_delimiter(self) -> str:
        """What separates the values of a csv line."""
        return self.delimiter or ","
