-- Law 1. The transfers of one journal entry are posted at one instant, for one customer, and begin with the entry's own.
select e.customer_id, format('journal entry %s', e.entry_id), 'its transfers do not belong together'
  from ledger_transfer e where e.id <> e.entry_id and not exists (
    select 1 from ledger_transfer f where f.customer_id = e.customer_id and f.id = e.entry_id and f.entry_id = f.id and f.posted_at = e.posted_at and f.kind = e.kind)
