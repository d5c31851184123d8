-- Laws 3, 4 and 6. An invoice's parts add up, and what is open on it is its receivable in the journal.
with receivable as (
  select customer_id, invoice_id, sum(case when debit in (10, 11) then amount_minor else 0 end - case when credit in (10, 11) then amount_minor else 0 end) as open
    from ledger_transfer where invoice_id is not null and (debit in (10, 11)) <> (credit in (10, 11)) group by customer_id, invoice_id
), parts as (
  select customer_id, invoice_id, sum(net_minor) as net, sum(tax_minor) as tax, sum(open_net_minor + open_tax_minor) as open
    from invoicing_invoicetax group by customer_id, invoice_id
)
select i.customer_id, format('invoice %s', i.number), format('gross %s, paid %s, credited %s, written off %s, open %s; parts open %s, the journal %s', i.gross_minor,
         i.paid_minor, i.credited_minor, i.written_off_minor, i.open_minor, p.open, coalesce(r.open, 0))
  from invoicing_invoice i
  left join parts p on p.customer_id = i.customer_id and p.invoice_id = i.id
  left join receivable r on r.customer_id = i.customer_id and r.invoice_id = i.id
 where i.gross_minor <> i.net_minor + i.tax_minor or i.open_minor <> coalesce(r.open, 0)
    or (i.state <> 'voided' and (i.open_minor <> p.open or i.net_minor <> p.net or i.tax_minor <> p.tax))
