{# One row: from which product day on this run replaces rows. It is written before core.identities
   is replaced, so that a run killed in between leaves what it knew to the next one, which carries
   the day on (carried_restate_from) until a publication succeeds. -#}

{%- set published = published_identities() -%}

with run as (

    select
        run.run_id,
        least(
            run.lake_restate_from, coalesce(run.carried_restate_from, run.lake_restate_from)
        ) as restate_from
    from {{ definitions_table('run') }} as run

),

{% if published %}
changed_intervals as (

    -- From when on a device's timeline differs from the one that was published.
    select
        coalesce(now.device_id, before.device_id) as device_id,
        case
            when
                now.device_id is null
                or before.device_id is null
                or now.user_id != before.user_id
                or now.is_quarantined != before.is_quarantined
                then coalesce(now.valid_from, before.valid_from)
            else least(
                coalesce(now.valid_to, timestamp 'infinity'),
                coalesce(before.valid_to, timestamp 'infinity')
            )
        end as changed_from
    from {{ ref('int_identities') }} as now
    full join {{ published }} as before
        on now.device_id = before.device_id and now.valid_from = before.valid_from
    where
        now.device_id is null
        or before.device_id is null
        or now.user_id != before.user_id
        or now.is_quarantined != before.is_quarantined
        or now.valid_to is distinct from before.valid_to

),

changed_events as (

    -- The earliest anonymous event in such a stretch: the day from which persons change.
    select min(greatest(days.first_at, changed.changed_from)) as changed_at
    from {{ ref('int_device_days') }} as days
    inner join changed_intervals as changed
        on days.device_id = changed.device_id and days.last_at >= changed.changed_from
    where days.source_user_id is null

),
{% else %}
changed_events as (

    select cast(null as timestamp) as changed_at
    from {{ ref('int_device_days') }}
    anti join {{ ref('int_identities') }} using (device_id)
    where false

),
{% endif %}

final as (

    select
        run.run_id,
        least(
            run.restate_from,
            coalesce({{ product_date('changed_events.changed_at') }}, run.restate_from)
        ) as restate_from
    from run
    left join changed_events on true

)

select * from final
