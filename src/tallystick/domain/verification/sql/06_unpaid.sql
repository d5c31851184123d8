-- Section 2. The unpaid figures of a fund are the open amounts of the invoices of the divisions that it serves.
with open as (
  select i.customer_id, f.holder_id, coalesce(sum(i.open_minor) filter (where i.kind = 'funding'), 0) as funding,
         coalesce(sum(i.open_minor) filter (where i.kind <> 'funding'), 0) as owed
    from invoicing_invoice i join funds_fund f on f.customer_id = i.customer_id and f.id = i.division_id
   where i.open_minor <> 0 group by i.customer_id, f.holder_id
)
select f.customer_id, format('division %s', f.id), format('kept unpaid %s and %s; its invoices are open with %s and %s', f.unpaid_funding_minor, f.unpaid_owed_minor,
         coalesce(o.funding, 0), coalesce(o.owed, 0))
  from funds_fund f left join open o on o.customer_id = f.customer_id and o.holder_id = f.id
 where f.holder_id = f.id and (f.unpaid_funding_minor, f.unpaid_owed_minor) is distinct from (coalesce(o.funding, 0)::bigint, coalesce(o.owed, 0)::bigint)
