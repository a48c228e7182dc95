{#- The lake as one relation, and the person and session of an event: used by staging and by the
    published view core.events, which must not depend on any other schema than its own. -#}

{% macro lake_files() -%}
    {#- The lake's valid event files, together those that hold the same properties as columns: dicts of
        paths (absolute, as SQL literals) and columns (by the SQL that each answers). Without any
        file there is one group of none. -#}
    {%- set listed = source('state', 'lake_files') -%}
    {%- set query -%}
        select
            string_agg(
                '''' || replace(run.lake_directory || '/' || files.lake_path, '''', '''''') || '''',
                ', ' order by files.lake_path
            ) as paths,
            cast(to_json(coalesce(files.property_columns, map([], []))) as varchar)
                as property_columns
        from {{ listed }} as files, {{ definitions_table('run') }} as run
        where files.kind = 'events' and files.unlisted_at is null
        group by files.property_columns
        order by property_columns
    {%- endset -%}
    {%- set groups = [] -%}
    {%- for row in asked_once(query) -%}
        {%- do groups.append({'paths': row.paths, 'columns': fromjson(row.property_columns)}) -%}
    {%- endfor -%}
    {{ return(groups or [{'paths': '', 'columns': {}}]) }}
{%- endmacro %}

{% macro property_columns() -%}
    {#- The columns of the lake that hold properties, quoted, by the SQL that each answers. -#}
    {%- set found = {} -%}
    {%- for row in definition_rows('property_columns') -%}
        {%- do found.update({row.expression: row.column_name}) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{% macro lake_rows(paths) -%}
    {#- The records of lake files; of none, no row of the same columns. -#}
    {%- if paths -%}
        read_parquet(
            [
                {{ paths }}
            ],
            hive_partitioning = true,
            hive_types = {'utc_date': date}
        )
    {%- else -%}
        (
            select
                cast(null as varchar) as dedup_key,
                cast(null as varchar) as source_event_id,
                cast(null as varchar) as source_name,
                cast(null as varchar) as source_user_id,
                cast(null as varchar) as device_id,
                cast(null as varchar) as source_session_id,
                cast(null as varchar) as event_name,
                cast(null as timestamp) as event_at,
                cast(null as date) as utc_date,
                cast(null as timestamp) as received_at,
                cast(null as varchar) as time_source,
                cast(null as varchar) as platform,
                cast(null as varchar) as country,
                cast(null as varchar) as app_version,
                cast(null as json) as properties,
                cast(null as varchar) as source_file
            where false
        )
    {%- endif -%}
{%- endmacro %}

{% macro lake_events(columns={}) -%}
    {#- Clean events: the lake's columns, the pipeline's own id and the product day. Where that is the
        day by which the lake is stored, the engine opens only the files of the days asked for. Some
        properties may be asked for as columns of their own (`property_columns`); of a file that has
        none for one, its JSON is read. -#}
    {%- for files in lake_files() %}
    {{ 'union all' if not loop.first }}
    select
        dedup_key || '-' || epoch_us(coalesce(received_at, event_at)) as event_id,
        source_event_id,
        source_name,
        source_user_id,
        device_id,
        source_session_id,
        event_name,
        event_at,
        {{ 'utc_date' if in_utc() else product_date('event_at') }} as event_date,
        utc_date,
        received_at,
        time_source,
        platform,
        country,
        app_version,
        properties,
        {% for expression, column in columns.items() %}
        {{ column if expression in files.columns else expression }} as {{ column }},
        {% endfor %}
        source_file
    from {{ lake_rows(files.paths) }} as lake_rows
    {%- endfor %}
{%- endmacro %}

{% macro with_person(events, identities) -%}
    {#- The events with user_id, the resolved person: the signed-in user, else the user whom the
        device's timeline names at that instant, else the device itself. -#}
    select
        events.*,
        coalesce(
            events.source_user_id,
            identities.user_id,
            'device:' || events.device_id
        ) as user_id
    from {{ events }} as events
    left join {{ identities }} as identities
        on case when events.source_user_id is null then events.device_id end = identities.device_id
        and events.event_at >= identities.valid_from
        and events.event_at < coalesce(identities.valid_to, timestamp 'infinity')
        and not identities.is_quarantined
{%- endmacro %}

{% macro with_session(events, sessions) -%}
    {#- The events with session_id: the session of the person and stream that lasts at that instant;
        none for an event that no session counts (as-of). Sessions are met by the day, so that who
        asks for some days reads the sessions of these. -#}
    select
        events.*,
        session_days.session_id
    from {{ events }} as events
    left join (
        {% for later in range(session_reach_days() + 1) %}
        select
            session_id, user_id, source_session_id, started_at, ended_at,
            session_date + {{ later }} as event_date
        from {{ sessions }}
        {%- if later %}
        where {{ product_date('ended_at') }} >= session_date + {{ later }}
        {%- endif %}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    ) as session_days
        on events.user_id = session_days.user_id
        and events.event_date = session_days.event_date
        and coalesce(events.source_session_id, '') = coalesce(session_days.source_session_id, '')
        and events.event_at between session_days.started_at and session_days.ended_at
{%- endmacro %}
