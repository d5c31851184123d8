-- Which customers of a legal entity have an open invoice that a step may have come for, and were not looked at on this day? The worker asks
-- across customers, then goes to each as its viewer.
create function reminders_waiting(p_entity bigint, p_today date, p_due_until date, p_limit integer) returns table (customer_id bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select c.id from customers_customer c
   where c.legal_entity_id = p_entity
     and exists (select from invoicing_invoice i where i.customer_id = c.id and i.open_minor > 0 and i.due_date <= p_due_until)
     and not exists (select from reminders_turn t where t.customer_id = c.id and t.day >= p_today)
   order by c.id limit p_limit
$$;
revoke execute on function reminders_waiting(bigint, date, date, integer) from public;
grant execute on function reminders_waiting(bigint, date, date, integer) to tallystick_worker;
grant select on reminders_turn to tallystick_door;
create policy door on reminders_turn for select to tallystick_door using (true);
alter function reminders_waiting(bigint, date, date, integer) owner to tallystick_door;
