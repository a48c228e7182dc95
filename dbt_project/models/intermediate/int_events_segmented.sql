{{ config(materialized='view') }}

{{ with_segments(ref('int_events_identified'), ref('int_cohort_memberships')) }}
