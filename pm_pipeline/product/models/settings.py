"""The sections about the whole product: product, identity, checks, privacy, life cycle.

Belongs here: keys without a name of the user's own below them. Does not belong here: sources,
metrics and whatever else the user names.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from pm_pipeline.product.expressions import segment_of
from pm_pipeline.product.faults import shown
from pm_pipeline.product.models.base import Section
from pm_pipeline.product.models.behaviour import StageDecision
from pm_pipeline.product.values import (
    ActiveEvents,
    Count,
    CountOrZero,
    Date,
    Duration,
    Flag,
    Limit,
    Segment,
    SessionTimeout,
    Text,
    Texts,
    Zone,
)


def _different_segments(segments: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for segment in segments:
        name, _ = segment_of(segment)
        if name in seen:
            raise ValueError(f"two segments are named {shown(name)}")
        seen.add(name)
    return segments


Segments = Annotated[tuple[Segment, ...], AfterValidator(_different_segments)]


class ProductSettings(Section):
    """What the product is and how its days, sessions and users are counted."""

    name: Text = Field(description="The product's name, shown in the report.")
    vision: Text | None = Field(default=None, description="One sentence: what the product is for.")
    timezone: Zone = Field(
        default="UTC",
        description="IANA time zone of the reporting days, weeks and months. Default UTC.",
    )
    week_starts_on: Literal["monday", "sunday"] = Field(
        default="monday", description="First day of a reporting week. Default monday."
    )
    session_timeout: SessionTimeout = Field(
        default=timedelta(minutes=30),
        description="A gap longer than this ends a session. Default 30 minutes. Or a map per "
        "platform, such as {default: 30 minutes, ios: 5 minutes}: the platform of the event before "
        "the gap decides.",
    )
    active_events: ActiveEvents = Field(
        default=None,
        description="Which events make a user active: any (default) or a list of names.",
    )
    earliest_event: Date = Field(
        default=date(2000, 1, 1),
        description="Records dated earlier are rejected. Default 2000-01-01.",
    )
    segments: Segments = Field(
        default=(),
        description="Break-downs computed everywhere: text columns, properties.<name> (named plan "
        "for properties.plan) or cohorts.<name>, whose values are in and out.",
    )


class Identity(Section):
    """How devices and users become persons."""

    anonymous_window: Duration = Field(
        default=timedelta(days=30),
        description="How far back a first sign-in claims its device's anonymous events. "
        "Default 30 days; 0 claims none.",
    )
    ignore_ids: Texts = Field(
        default=(), description='User ids that name nobody, such as "null" or "guest".'
    )
    max_links: Count = Field(
        default=20,
        description="A device or user with more links than this is quarantined. Default 20.",
    )


class Check(Section):
    """Limit and severity of one data check."""

    limit: Limit | None = Field(
        default=None, description="The check fails beyond this number or percent, such as 5%."
    )
    severity: Literal["warn", "error"] | None = Field(
        default=None, description="error blocks the publication, warn does not."
    )


class Lifecycle(Section):
    """Settings of the life-cycle stages."""

    minimum_weekly_users: CountOrZero = Field(
        default=50,
        description="A product or feature with a lower median of weekly users over 13 weeks has no "
        "stage. Default 50.",
    )
    decision: StageDecision | None = Field(
        default=None, description="What people decided to do with the product as a whole."
    )


class Privacy(Section):
    """What is not kept about people."""

    drop_properties: Texts = Field(default=(), description="Properties that are never stored.")
    hash_ids: Flag = Field(default=False, description="Store keyed hashes instead of user ids.")
    forget: Text | None = Field(default=None, description="A file that lists the ids to forget.")


def _web_address(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError(f"expected an address such as https://example.org/hook, got {value!r}")
    return value


class Alerts(Section):
    """Who is told when a run failed."""

    command: Texts = Field(
        default=(), description="A program with its arguments; the message is added as the last."
    )
    webhook: Annotated[Text, AfterValidator(_web_address)] | None = Field(
        default=None, description="An address that gets the message as JSON, under text."
    )
