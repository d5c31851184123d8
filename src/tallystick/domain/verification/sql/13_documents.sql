-- A document that was made is what its hash says, and the invoice that names it has it.
select customer_id, format('document %s', sha256), 'its content does not have the hash under which it is kept'
  from invoicing_document where encode(sha256(content), 'hex') <> sha256
union all
select customer_id, format('document %s', sha256), 'its content does not have the hash under which it is kept'
  from purchasing_document where content is not null and encode(sha256(content), 'hex') <> sha256
union all
select i.customer_id, format('invoice %s', i.number), 'its document is missing'
  from invoicing_invoice i where i.document_sha256 is not null and i.document_sha256 <> ''
   and not exists (select 1 from invoicing_document d where d.customer_id = i.customer_id and d.sha256 = i.document_sha256)
