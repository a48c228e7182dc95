"""The planted numbers of the simulated product.

Belongs here: every constant of the scenario, with its reason where it is not plain, and the
calendar that follows from the length of the sample. Does not belong here: drawing anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

LAST_DAY = date(2026, 10, 31)
"""Fixed, so that the sample does not depend on the clock; a Saturday: the last week is open."""
TIMEZONE = "Europe/Berlin"
DEFAULT_DAYS = 400
DEFAULT_USERS = 4600
DEFAULT_SEED = 20260101
MINIMUM_DAYS = 14
MINIMUM_USERS = 10

DAY_MS = 86_400_000
HOUR_MS = 3_600_000
MINUTE_MS = 60_000
ANONYMOUS_WINDOW_DAYS = 30
DUPLICATE_WINDOW_DAYS = 7
SESSION_TIMEOUT_MINUTES = 30
METRIC_WINDOW_DAYS = 14
PERSONA_DAYS = 12  # a power listener was active on that many of 28 days
SEASON_DAYS = 364  # 52 weeks, so that a week a year before has the same phase

EVENT_NAMES = (
    "app_opened",
    "page_viewed",
    "sign_up",
    "signed_in",
    "song_played",
    "song_liked",
    "song_searched",
    "experiment_exposed",
    "playlist_created",
    "playlist_played",
    "radio_started",
    "concert_viewed",
    "ticket_opened",
    "song_downloaded",
    "lyrics_opened",
    "survey_answered",
)
CODE = {name: code for code, name in enumerate(EVENT_NAMES)}

PLATFORMS = ("ios", "android", "web")
WEB = PLATFORMS.index("web")
COUNTRIES = ("DE", "AT", "CH", "NL", "FR")
COUNTRY_WEIGHTS = np.array([0.62, 0.12, 0.1, 0.09, 0.07])
PLANS = ("free", "paid")

# Monday … Sunday, and the hours of a local working day and of a weekend day.
WEEKDAY_WEIGHTS = np.array([0.92, 0.9, 0.94, 1.0, 1.12, 1.18, 0.98])
WORKDAY_HOURS = np.array(
    [5, 2, 1, 1, 1, 3, 12, 26, 24, 14, 12, 13, 17, 14, 12, 13, 17, 24, 29, 31, 30, 26, 18, 10.0]
)
WEEKEND_HOURS = np.array(
    [12, 8, 4, 2, 1, 1, 3, 6, 12, 20, 25, 26, 24, 22, 22, 23, 24, 25, 27, 29, 30, 29, 24, 18.0]
)


@dataclass(frozen=True)
class Kind:
    """One kind of listener: chances per week, except ``day`` (per day of an active week)."""

    share: float
    stay: float
    return_: float
    day: float
    songs: float


KINDS = (
    Kind(share=0.03, stay=0.95, return_=0.25, day=0.46, songs=1.2),
    Kind(share=0.34, stay=0.77, return_=0.07, day=0.10, songs=0.9),
    Kind(share=0.63, stay=0.40, return_=0.024, day=0.05, songs=0.65),
)
BASE_SHARE = 0.24  # of all people, there before the sample begins
ARRIVAL_GROWTH = 0.6  # log growth of arrivals a day over the sample
NEVER_SIGN_UP = 0.14
SIGN_UP_DELAYS = ((0.72, 0, 0), (0.2, 1, 14), (0.08, 32, 70))  # share, from day, to day
SECOND_DEVICE_SHARE = 0.36
SHARED_DEVICE_EVERY = 200  # one pair of people with one device per so many people
SIGNED_SESSION_RATE = 0.93  # the rest come without a user id though the person has one
SECOND_SESSION_RATE = 0.15
SECOND_DEVICE_RATE = 0.45  # of the sessions, once there is one
LATE_SIGN_IN_SHARE = 0.3  # of the second devices: signed in only at the second visit
LIKE_RATE = 0.22
SEARCH_RATE = 0.16
FIRST_EVENT_SHARE = 0.35  # of a feature's uses, where it has two events
ANSWER_RATE = 0.05  # of the sessions: asked whether one would recommend it, and answered
HAPPINESS = (8.9, 7.6, 6.0)  # mean answer of each kind of listener
HAPPINESS_SPREAD = 1.6
FURTHER_USE_RATE = 0.15  # of the week's other sessions of somebody who uses a feature


@dataclass(frozen=True)
class Feature:
    """A feature with the weekly users planted for ``DEFAULT_USERS`` people."""

    name: str
    shape: str
    events: tuple[str, ...]
    owner: str
    level: float
    noise: float = 0.03
    expected_stages: tuple[str, ...] = ()


FEATURES = (
    Feature(
        "playlists", "growing", ("playlist_created", "playlist_played"), "library",
        level=205, expected_stages=("growth",),
    ),
    Feature(
        "radio", "flat", ("radio_started",), "listening",
        level=165, expected_stages=("maturity",),
    ),
    Feature(
        "concerts", "seasonal", ("concert_viewed", "ticket_opened"), "partners",
        level=172, expected_stages=("growth",),
    ),
    Feature(
        "downloads", "declining", ("song_downloaded",), "library",
        level=245, expected_stages=("decline",),
    ),
    Feature(
        "lyrics", "young", ("lyrics_opened",), "listening",
        level=110, expected_stages=("introduction",),
    ),
)  # fmt: skip
MONTHLY_SONGS_PERCENT = 130  # of all people ever
WEEKLY_TARGET_PERCENT = 22  # of all people ever: a little more than come a week
GROWTH_PER_WEEK = 0.016
DECLINE_PER_WEEK = -0.02
SEASON_AMPLITUDE = 0.34  # of the logarithm
SEASON_PEAK = date(2026, 8, 25)
SEASON_YEARLY_DRIFT = 0.08  # a year on it is slightly higher: never a true decline
YOUNG_DAYS = 131  # launched less than 20 weeks before the end
YOUNG_RAMP_WEEKS = 0.35  # announced at once: within two weeks all those use it who will for now


@dataclass(frozen=True)
class Experiment:
    """An experiment planted as potential outcomes of each exposed person.

    ``lift`` is the relative effect on songs in the metric window (Poisson around it per person),
    ``second_week`` what is left of it in the second half, ``likes_lost`` the chance of each like
    to be lost under treatment, ``new_session_rate`` the share of added songs that open a session
    of their own (and so can make a new active day).
    """

    name: str
    variants: tuple[str, str]
    treated_share: float
    starts: float  # as a share of the sample's days
    ends: float
    newcomers_only: bool
    lift: float = 0.0
    second_week: float = 1.0
    likes_lost: float = 0.0
    new_session_rate: float = 0.0
    truth: str = ""
    hypothesis: str = ""
    likes_margin: str = "30%"  # how many likes may be lost before the product file minds


EXPERIMENTS = (
    Experiment(
        "short_onboarding", ("control", "short"), 0.5, 0.25, 0.56, newcomers_only=True,
        lift=0.55, new_session_rate=0.1, truth="real effect: more songs",
        hypothesis="Fewer questions at sign-up let more people reach their songs.",
    ),
    Experiment(
        "blue_button", ("control", "blue"), 0.5, 0.45, 0.56, newcomers_only=False,
        truth="no effect", hypothesis="A blue button is pressed more.",
    ),
    Experiment(
        "new_player", ("control", "player"), 0.42, 0.57, 0.79, newcomers_only=False,
        truth="broken sample ratio: planned 50/50, exposed 58/42; no effect",
        hypothesis="The new player makes people play more.",
    ),
    Experiment(
        "autoplay", ("control", "autoplay"), 0.5, 0.80, 0.93, newcomers_only=False,
        lift=0.45, second_week=0.5, likes_lost=0.45, new_session_rate=0.45,
        truth="primary (songs) up, its novelty halves in the second week; guardrail (likes) harmed",
        hypothesis="With autoplay people hear more songs.",
    ),
)  # fmt: skip
REEXPOSED_RATE = 0.35
STAFF_RATE = 0.02  # of the sessions shortly before the start: exposed too early

# Faults of the records, as shares of all events.
LATE_RATE = 0.03
LATE_DAYS = 3
EXACT_DUPLICATE_RATE = 0.015
CHANGED_DUPLICATE_RATE = 0.002
REUSED_ID_RATE = 0.0001  # the same id again after the duplicate window: a new event
MALFORMED_RATE = 0.005
BOT_RATE = 0.003
IGNORED_ID_RATE = 0.06  # of the app's records without a user
IGNORED_IDS = ("null", "guest")
DOUBLE_CLICK_RATE = 0.01  # of the tickets: the same record twice, both count
TICKET_RATE = 0.18  # of the concert events: opened at a partner, which knows no device


class Calendar:
    """The product days of a sample: UTC instants of local days, and back."""

    def __init__(self, days: int) -> None:
        """Lay out ``days`` local days that end with ``LAST_DAY``."""
        self.days = days
        self.zone = ZoneInfo(TIMEZONE)
        self.first_day = LAST_DAY - timedelta(days=days - 1)
        self.weekday0 = self.first_day.weekday()
        self.midnights = np.array([self.midnight_ms(day) for day in range(-1, days + 2)])
        """UTC milliseconds of local midnight of day -1, 0, … days + 1."""
        # Offsets change on the hour, so one offset per UTC hour is exact.
        self._hour0 = int(self.midnights[0] // HOUR_MS)
        hours = int(self.midnights[-1] // HOUR_MS) - self._hour0 + 1
        self._offsets = np.array([self._offset_ms(self._hour0 + hour) for hour in range(hours)])

    def midnight_ms(self, day: int) -> int:
        """Return the UTC milliseconds at which local day ``day`` begins."""
        when = self.date_of(day)
        return int(datetime(when.year, when.month, when.day, tzinfo=self.zone).timestamp()) * 1000

    def _offset_ms(self, utc_hour: int) -> int:
        offset = datetime.fromtimestamp(utc_hour * 3600, self.zone).utcoffset()
        return int((offset or timedelta()).total_seconds()) * 1000

    def date_of(self, day: int) -> date:
        """Return the calendar date of day index ``day``."""
        return self.first_day + timedelta(days=int(day))

    @property
    def end_ms(self) -> int:
        """The midnight after the last day."""
        return int(self.midnights[self.days + 1])

    def start_of(self, day: np.ndarray) -> np.ndarray:
        """Return the UTC milliseconds of local midnight of each day index."""
        starts: np.ndarray = self.midnights[np.asarray(day) + 1]
        return starts

    def offset(self, at_ms: np.ndarray) -> np.ndarray:
        """Return the zone's offset from UTC in milliseconds at each instant."""
        offsets: np.ndarray = self._offsets[np.asarray(at_ms) // HOUR_MS - self._hour0]
        return offsets

    def at_local(self, day: np.ndarray, local_ms: np.ndarray) -> np.ndarray:
        """Return the instants of local clock readings; one that daylight saving skips moves on."""
        naive = self.start_of(day) + self.offset(self.start_of(day)) + local_ms
        guess = naive - self.offset(self.start_of(day))
        instants: np.ndarray = naive - self.offset(guess)
        return instants

    def day(self, at_ms: np.ndarray) -> np.ndarray:
        """Return the product day index of each instant."""
        return np.searchsorted(self.midnights, at_ms, side="right") - 2

    def week(self, day: np.ndarray) -> np.ndarray:
        """Return the index of the Monday week of each day; week 0 holds the first day."""
        weeks: np.ndarray = (np.asarray(day) + self.weekday0) // 7
        return weeks

    @property
    def weeks(self) -> int:
        """How many Monday weeks the sample touches."""
        return int(self.week(np.array(self.days - 1))) + 1

    def monday(self, week: int) -> date:
        """Return the Monday of a week index."""
        return self.date_of(7 * week - self.weekday0)

    def is_complete(self, week: int) -> bool:
        """Whether all seven days of the week lie in the sample."""
        return 7 * week >= self.weekday0 and self.is_over(week)

    def is_over(self, week: int) -> bool:
        """Whether the week's last day lies in the sample: only then is known who has left."""
        return 7 * week - self.weekday0 + 7 <= self.days


def iso(at_ms: int) -> str:
    """Return an instant as UTC ISO 8601 text."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
