{{ config(materialized='view') }}

{{ with_person(ref('stg_events'), ref('int_identities')) }}
