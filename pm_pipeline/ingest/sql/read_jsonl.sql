{# Lines of JSON. A bad line stays visible: the document is NULL and the line is kept. #}
insert into staged
with lines as (
    select
        record_number,
        line as raw,
        failure,
        evidence,
        evidence_encoding,
    from incoming_records
),

documents as (
    select
        *,
        case when regexp_matches(raw, '^\s*\{') then try(json_transform(raw, {{ shape | lit }})) end as document,
    from lines
    where raw is null or not regexp_full_match(raw, '\s*')
),

fields as (
    select
        record_number,
        raw,
        coalesce(
            failure,
            case
                when document is not null then null
                when json_valid(raw) then 'not_an_object'
                else 'invalid_json'
            end
        ) as failure,
        evidence,
        evidence_encoding,
        raw as content,
        document,
        {% if all_properties %}
        case
            when document is not null
                then cast(json_merge_patch(try_cast(raw as json), {{ unmapped_patch | lit }}) as varchar)
        end as properties,
        {% else %}
        {% include 'properties.sql' %} as properties,
        {% endif %}
    from documents
),

{% include 'judge.sql' %}
