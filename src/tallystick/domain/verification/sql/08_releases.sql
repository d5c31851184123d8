-- Law 12. Nothing raises a balance but a payment or credit on a funding invoice, an amount-owed invoice, a refund, a release, a transfer, an opening balance.
select t.customer_id, format('journal row %s', t.id), format('kind %s raises a balance without its cause', t.kind)
  from ledger_transfer t
  left join invoicing_invoice i on i.customer_id = t.customer_id and i.id = t.invoice_id
  left join payments_payment p on p.customer_id = t.customer_id and p.id = t.payment_id
  left join ledger_transfer r on r.customer_id = t.customer_id and r.id = t.reverses_id
 where t.credit = 30 and not (case
   when t.debit = 20 then i.kind = 'funding' and p.id is not null
   when t.debit = 10 or t.debit = 11 then i.id is not null
   when t.debit = 31 then t.hold_id is not null
   when t.debit = 40 then r.kind in (1, 5)
   when t.debit = 30 then true
   when t.debit = 50 then t.kind = 19
   else false end)
