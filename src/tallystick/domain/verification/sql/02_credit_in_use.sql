-- Law 5. Credit in use is the sum over the divisions, and every fund carries the customer's rule and shortfall.
with used as (
  select c.customer_id, c.in_use_minor, c.limit_minor, c.rule,
         coalesce(sum(greatest(0, -(f.balance_minor - f.unpaid_owed_minor - case when c.rule = 'all_unpaid' then f.unpaid_funding_minor else 0 end))), 0) as added,
         coalesce(bool_and(f.shortfall_minor = greatest(0, coalesce(c.in_use_minor - c.limit_minor, 0))), true) as shortfalls,
         coalesce(bool_and(f.counts_funding = (c.rule = 'all_unpaid')), true) as rules
    from funds_credit c left join funds_fund f on f.customer_id = c.customer_id group by c.customer_id
)
select customer_id, 'credit', format('kept in use %s, added up %s; shortfall carried right: %s; rule carried right: %s', in_use_minor, added, shortfalls, rules)
  from used where in_use_minor <> added or not shortfalls or not rules
