-- Law 10. The numbers of a series have no gap, and each stands on one document.
select null::bigint, format('series %s, year %s', series_id, year), format('%s numbers from %s to %s', count(*), min(number), max(number))
  from invoicing_issuednumber group by series_id, year having count(*) <> max(number) - min(number) + 1
union all
select n.customer_id, format('number %s', n.text), 'stands on no document'
  from invoicing_issuednumber n
  left join invoicing_invoice i on i.customer_id = n.customer_id and i.id = n.document_id and i.number = n.text
  left join invoicing_creditnote c on c.customer_id = n.customer_id and c.id = n.document_id and c.number = n.text
 where i.id is null and c.id is null
union all
select i.customer_id, format('invoice %s', i.number), 'has a number that was never handed out'
  from invoicing_invoice i where not exists (select 1 from invoicing_issuednumber n where n.document_id = i.id and n.text = i.number)
