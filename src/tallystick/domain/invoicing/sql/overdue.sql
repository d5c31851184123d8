-- Which invoices of a legal entity are open after their due day, and nobody was told? The worker asks across customers, then goes to each as its viewer.
create function invoicing_overdue(p_entity bigint, p_today date, p_limit integer) returns table (customer_id bigint, invoice_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select i.customer_id, i.id from invoicing_invoice i join customers_customer c on c.id = i.customer_id
   where c.legal_entity_id = p_entity and i.open_minor > 0 and i.overdue_at is null and i.due_date < p_today
   order by i.due_date, i.id limit p_limit
$$;
revoke execute on function invoicing_overdue(bigint, date, integer) from public;
grant execute on function invoicing_overdue(bigint, date, integer) to tallystick_worker;
grant select on invoicing_invoice to tallystick_door;
create policy door on invoicing_invoice for select to tallystick_door using (true);
alter function invoicing_overdue(bigint, date, integer) owner to tallystick_door;
