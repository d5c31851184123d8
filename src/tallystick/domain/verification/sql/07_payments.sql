-- Laws 6 and 9. The money a payment brought, less what was taken back, is its cash in the journal.
with cash as (
  select customer_id, payment_id, sum(case when debit = 12 then amount_minor else 0 end - case when credit = 12 then amount_minor else 0 end) as came
    from ledger_transfer where payment_id is not null and (debit = 12 or credit = 12) and kind not in (15, 16, 17) group by customer_id, payment_id
)
select coalesce(p.customer_id, c.customer_id), format('payment %s', coalesce(p.id, c.payment_id)), format('settled %s, reversed %s, in the journal %s', p.settled_minor,
         p.reversed_minor, c.came)
  from payments_payment p full join cash c on c.customer_id = p.customer_id and c.payment_id = p.id
 where p.id is null or (p.method not in ('unapplied_credit', 'balance') and p.settled_minor - p.reversed_minor <> coalesce(c.came, 0))
