-- Section 5. What is held on a fund is the sum of its open holds.
with open as (
  select h.customer_id, f.holder_id, sum(h.amount_minor) as held
    from funds_hold h join funds_fund f on f.customer_id = h.customer_id and f.id = h.fund_id where h.state = 'open' group by h.customer_id, f.holder_id
)
select f.customer_id, format('division %s', f.id), format('kept held %s, open holds %s', f.held_minor, coalesce(o.held, 0))
  from funds_fund f left join open o on o.customer_id = f.customer_id and o.holder_id = f.id
 where f.holder_id = f.id and f.held_minor <> coalesce(o.held, 0)
