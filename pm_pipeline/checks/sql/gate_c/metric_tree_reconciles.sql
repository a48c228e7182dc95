-- What is said to be a sum, product or ratio is what its inputs give, to the last digits of a
-- double; and the inputs' contributions add up to its change, where all are known.
with nodes as (

    select *
    from goals.metric_tree
    where kind in ('sum', 'product', 'ratio')

),

given as (

    select
        nodes.node_name,
        nodes.activity_date,
        any_value(nodes.value) as node_value,
        any_value(nodes.value - nodes.previous_value) as node_change,
        case any_value(nodes.kind)
            when 'sum' then sum(inputs.value)
            when 'product' then product(inputs.value)
            else
                max(inputs.value) filter (where inputs.input_position = 1)
                / nullif(max(inputs.value) filter (where inputs.input_position = 2), 0)
        end as given_value,
        sum(inputs.contribution) as given_change,
        sum(abs(inputs.contribution)) as moved,
        count(inputs.value) as values_count,
        count(inputs.contribution) as contributions_count
    from nodes
    inner join goals.metric_tree as inputs
        on
        nodes.node_name = inputs.parent_name
        and nodes.activity_date = inputs.activity_date
    group by nodes.node_name, nodes.activity_date

),

expected as (

    select
        node_name,
        count(*) as inputs_count
    from definitions.metric_tree
    where kind != 'influence'
    group by node_name

),

wrong as (

    select given.node_name
    from given
    inner join expected on given.node_name = expected.node_name
    where
        given.values_count = expected.inputs_count
        and (
            abs(given.node_value - given.given_value)
            > 1e-9 * greatest(abs(given.node_value), abs(given.given_value))
            or (
                given.contributions_count = expected.inputs_count
                and abs(given.node_change - given.given_change)
                > 1e-9 * greatest(given.moved, abs(given.node_value))
            )
        )

)

select
    count(*) as value,
    count(*) || ' days on which a node is not what its inputs give'
    || coalesce(': ' || string_agg(distinct node_name, ', ' order by node_name), '') as observed,
    'every sum, product and ratio of metric_tree holds on every day' as expected
from wrong
