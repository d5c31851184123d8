-- The kept sums of each due day are those of the open invoices.
select coalesce(k.customer_id, r.customer_id), 'division ' || coalesce(k.division_id, r.division_id) || ', due ' || coalesce(k.due_date, r.due_date),
       format('kept %s, %s, %s; reckoned %s, %s, %s', k.count, k.open_minor, k.open_net_minor, r.count, r.open_minor, r.open_net_minor)
  from (select * from invoicing_due where count <> 0 or open_minor <> 0 or open_net_minor <> 0) k
  full join (select i.customer_id, i.division_id, i.due_date, i.kind = 'funding' as is_funding, count(*) as count,
                    sum(i.open_minor) as open_minor, sum(coalesce(t.net, 0)) as open_net_minor
               from invoicing_invoice i
               left join (select customer_id, invoice_id, sum(open_net_minor) as net from invoicing_invoicetax group by 1, 2) t
                 on t.customer_id = i.customer_id and t.invoice_id = i.id
              where i.open_minor > 0
              group by 1, 2, 3, 4) r using (customer_id, division_id, due_date, is_funding)
 where (k.count, k.open_minor, k.open_net_minor) is distinct from (r.count, r.open_minor, r.open_net_minor)
