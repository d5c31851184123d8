-- Section 4. Of no charge more was given back than it took, and to no other order.
select c.customer_id, format('charge %s', c.id), format('%s charged, %s refunded', c.amount_minor, sum(r.amount_minor))
  from ledger_transfer r join ledger_transfer c on c.customer_id = r.customer_id and c.id = r.reverses_id
 where r.kind = 2 group by c.customer_id, c.id, c.amount_minor, c.credit
having sum(r.amount_minor) > c.amount_minor or c.credit <> 40
