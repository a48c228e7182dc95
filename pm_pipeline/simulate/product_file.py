"""The ``product.yml`` of the demo, and how to know one again that nobody has edited.

Belongs here: its text and its mark. Does not belong here: what the keys mean to the pipeline.
"""

from __future__ import annotations

import hashlib

from pm_pipeline.simulate import scenario as plan
from pm_pipeline.simulate.experiments import bounds
from pm_pipeline.simulate.features import launch_day

MARK = "# Written by `pm-pipeline demo`; a changed file is yours and stays. sha256: "

_TEXT = """\
#
# Songbird is simulated. The true answers lie in truths.json, which the pipeline never reads.
# For a product of your own, copy this file into another folder, change it line by line and ask
# `pm-pipeline check --home FOLDER` what it thinks.

product:
  name: Songbird
  vision: "Everybody hears one new song a day."
  timezone: {timezone}           # days, weeks and months are counted on this clock
  week_starts_on: monday
  session_timeout: {timeout} minutes        # a longer pause begins a new session
  active_events: any                 # every event makes its user active that day
  earliest_event: 2000-01-01         # older records are rejected: a clock was wrong
  segments: [platform, properties.plan]   # tables are also broken down by these

# Where the raw files lie (below landing/) and how their columns are to be read.
# The first source whose path matches a file reads it.
sources:
  # The app: one compressed file of JSON lines a week, times in milliseconds since 1970.
  - name: app
    path: "app/**/*.jsonl.gz"
    id_space: songbird               # event ids are compared across the sources that share it
    format: jsonl
    columns:
      event_id: id
      event_name: event
      event_time: {{column: ts, format: epoch_ms}}
      received_at: {{column: received, format: epoch_ms}}
      user_id: user
      device_id: device
      platform: os
      country: country
      app_version: version
    properties: "*"                  # every column not named above

  # The same app before the weekly files began, from an older system. The two overlap by some
  # days; the shared id_space makes the second copies duplicates.
  - name: backfill
    path: "backfill/*.parquet"
    id_space: songbird
    format: parquet
    columns:
      event_id: id
      event_name: name
      event_time: happened           # a timestamp already: needs no format, is read as UTC
      received_at: stored
      user_id: account
      device_id: device
      platform: system
      country: country
      app_version: release
    properties: [plan, seconds, experiment, variant, is_bot, retry, score]

  # The web site: one file a month, times as text with their offset from UTC.
  - name: web
    path: "web/*.csv"
    format: csv
    columns:
      event_id: id
      event_name: event
      event_time: {{column: time, format: iso8601}}
      user_id: account
      device_id: visitor
      platform: {{value: web}}         # a constant: the file has no such column
      country: country
    properties: [plan, seconds, experiment, variant, score, title]

  # A partner that sells tickets: no event ids, no devices, local times in whole minutes.
  # Its monthly files overlap by two days; equal records are recognised by their content.
  - name: partner
    path: "partner/*.csv"
    format: csv
    delimiter: ";"
    columns:
      event_name: {{value: ticket_opened}}
      event_time: {{column: opened, format: "%d/%m/%Y %H:%M", timezone: {timezone}}}
      user_id: customer
    properties: [venue]

# Who is who: the first sign-in on a device also claims what happened there up to 30 days before.
identity:
  anonymous_window: {window} days
  ignore_ids: [{ignored}]      # words that stand for nobody
  max_links: 20                      # a device with more people than this is put aside

# Records that are read but not counted.
exclude: ["properties.is_bot = true"]

# A feature is used by whoever sends one of its events.
features:
{features}
# Kinds of users, by rules over the columns of core.users; the first that is true wins.
personas:
  power_listener: {{where: "active_days_last_28 >= {persona_days}"}}
  newcomer: {{where: "active_days_count <= 2 and active_days_last_28 >= 1"}}
  sleeper: {{where: "active_days_last_28 = 0"}}

# Groups of users by what they did, when they were in it.
cohorts:
  heavy_listener: {{did: {{event: song_played, at_least: 5, within: 28 days}}}}
  activated:
    sequence: {{first: {{event: sign_up}}, then: {{event: song_played}}, within: 7 days}}
  lapsed: {{did_not: {{event: any, within: 28 days}}}}
  won_over: {{all_of: [activated, heavy_listener], except: [lapsed]}}

# Steps towards a goal, within a window from the first.
funnels:
  first_song:
    steps: [{{name: signed_up, event: sign_up}}, {{name: played, event: song_played}}]
    window: 7 days
    segments: [platform]

# What users do one after the other.
paths:
  after_sign_up: {{from: {{event: sign_up}}, within: 7 days, collapse_repeats: true}}
  visits: {{within: session, steps: 5, events: [app_opened, page_viewed, song_played]}}

# Where did those come from who sign up? The first rule that matches a touch names its channel.
attribution:
  sign_ups:
    conversion: {{event: sign_up}}
    touches: {{event: any, where: "event_name <> 'sign_up'"}}
    look_back: 30 days
    channels:
      - {{name: web site, where: "platform = 'web'"}}
      - {{name: partner, where: "event_name = 'ticket_opened'"}}
      - {{name: app}}
    direct: [app]

# Numbers per user: how many songs, and for how long; and rates of them, of funnels and retentions.
metrics:
  songs: {{event: song_played, aggregate: count, direction: higher_is_better}}
  seconds: {{event: song_played, aggregate: sum, value: properties.seconds}}
  likes: {{event: song_liked, aggregate: count}}
  playing_days: {{event: song_played, aggregate: unique_days}}
  liked: {{event: song_liked, aggregate: proportion}}
  songs_per_playing_day: {{numerator: songs, denominator: playing_days}}
  seconds_per_song: {{numerator: seconds, denominator: songs}}   # a ratio of totals
  first_song_rate: {{funnel: first_song, step: played}}          # known once the window is over
  back_in_week_1: {{retention: listeners, period: 1}}

# Who comes back: by week from the first sign-up to a song, and by day from any day to any other.
# The metrics are summed by the age of the cohorts; `metrics: []` leaves that out.
retention:
  listeners:
    start: {{event: sign_up, first_time: true}}
    return: {{event: song_played}}
    interval: week
    periods: 12
    brackets: [[1, 4], [5, 12]]
  habit: {{start: {{event: any}}, return: {{event: any}}, interval: day, periods: 28, metrics: []}}

# What users say: would they recommend it, from 0 to 10? Of a month everybody's last answer counts.
surveys:
  recommendation: {{event: survey_answered, kind: nps, score: properties.score, period: month}}

# Where the product is meant to go; the north star is the one goal above all.
goals:
  weekly_listeners:
    metric: weekly_active_users
    target: {target}
    from: 2026-07-01
    due: 2026-12-31
    north_star: true
  more_songs: {{metric: songs, target: {songs}, from: 2026-07-01, due: 2026-12-31, period: month}}
  first_songs:
    {{metric: first_song_rate, baseline: 0.6, target: 0.7, from: 2026-07-01, due: 2026-12-31}}
  daily_habit: {{metric: stickiness_rate, target: 0.15, from: 2026-07-01, due: 2026-12-31}}

# What a metric is made of, checked on every day, and what is believed to move it.
metric_tree:
  seconds: {{kind: product, inputs: [songs, seconds_per_song]}}
  songs: {{kind: product, inputs: [playing_days, songs_per_playing_day]}}
  playing_days:
    kind: influence
    inputs: [first_song_rate, "a reason to come back"]
    evidence: short_onboarding
    why: "Who hears a first song comes back for the next."

# What hinders whom, what would help, and what is being built because of it.
problems:
  silent_start:
    who: newcomer
    statement: "Many who sign up never hear a song."
    evidence: {{funnel: first_song, step: played, baseline: 0.6}}
  rare_visits:
    statement: "People come once a week, not once a day."
    evidence: {{metric: stickiness_rate, baseline: 0.12}}
hypotheses:
  fewer_questions:
    problem: silent_start
    statement: "Fewer questions at sign-up let more people reach their songs."
    metric: songs
    predicted_direction: increase
    predicted_effect: 5%
    experiment: short_onboarding
    stated_on: 2025-12-01
  first_song_at_once:
    problem: silent_start
    statement: "A song that plays right after sign-up makes more people come back."
    metric: songs
    predicted_direction: increase
    predicted_effect: 5%
    stated_on: 2026-06-01
roadmap:
  - {{name: Short onboarding, hypothesis: fewer_questions, persona: newcomer, status: building}}
  - name: First song at once
    hypothesis: first_song_at_once
    persona: newcomer
    goal: daily_habit
    status: building
  - {{name: Morning reminder, status: discovery}}

# Comparisons of variants: who was exposed to which, and what they did in the {metric_window} days
# after. The advice lies in experiments.decisions, beside what people decided.
experiments:
{experiments}
# Limits of the checks between the steps. `error` stops the publication, `warn` only tells.
checks:
  rejected_share: {{limit: 5%, severity: error}}
"""


def product_file(users: int = plan.DEFAULT_USERS, days: int = plan.DEFAULT_DAYS) -> str:
    """Return the text of ``product.yml`` for so many days, its first line being the mark.

    The goals are within reach of a product of so many ``users``.
    """
    calendar = plan.Calendar(days)
    features = "".join(_feature(each, calendar, users) for each in plan.FEATURES)
    body = _TEXT.format(
        timezone=plan.TIMEZONE,
        timeout=plan.SESSION_TIMEOUT_MINUTES,
        window=plan.ANONYMOUS_WINDOW_DAYS,
        ignored=", ".join(f'"{word}"' for word in plan.IGNORED_IDS),
        features=features,
        songs=users * plan.MONTHLY_SONGS_PERCENT // 100,
        target=users * plan.WEEKLY_TARGET_PERCENT // 100,
        metric_window=plan.METRIC_WINDOW_DAYS,
        experiments="".join(_experiment(each, calendar) for each in plan.EXPERIMENTS),
        persona_days=plan.PERSONA_DAYS,
    )
    return f"{MARK}{_sha256(body)}\n{body}"


def _feature(feature: plan.Feature, calendar: plan.Calendar, users: int) -> str:
    events = f"events: [{', '.join(feature.events)}], owner: {feature.owner}"
    if feature.shape == "declining":
        # What it earns and costs a month: in decline, it speaks for keeping it or taking it out.
        return f"  {feature.name}:\n    {{{events}, monthly_value: 1200, monthly_cost: 300}}\n"
    if feature.shape != "young":
        return f"  {feature.name}: {{{events}}}\n"
    # Meant for everybody, used by few yet: so a product knows that it is being introduced.
    launched = calendar.date_of(launch_day(calendar))
    return f"""\
  {feature.name}:
    {{{events}, launched_on: {launched}, target_users: {users}}}
"""


def _experiment(experiment: plan.Experiment, calendar: plan.Calendar) -> str:
    first, end = bounds(experiment, calendar)
    variants = ", ".join(f"{variant}: 0.5" for variant in experiment.variants)
    # Whoever has just come can still walk the whole funnel.
    reached = ", first_song_rate" if experiment.newcomers_only else ""
    return f"""\
  {experiment.name}:
    hypothesis: "{experiment.hypothesis}"
    exposure:
      event: experiment_exposed
      where: "properties.experiment = '{experiment.name}'"
      variant: properties.variant
    variants: {{{variants}}}
    start: {calendar.date_of(first)}
    end: {calendar.date_of(end)}
    metrics:
      primary: [songs]
      secondary: [playing_days, liked{reached}]
      guardrails: [{{metric: likes, margin: {experiment.likes_margin}}}]
    metric_window: {plan.METRIC_WINDOW_DAYS} days
"""


def is_own_product_file(content: bytes) -> bool:
    """Tell whether ``content`` was written by a demo and has not been changed since."""
    first, _, body = content.partition(b"\n")
    return first == MARK.encode() + hashlib.sha256(body).hexdigest().encode()


def _sha256(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
