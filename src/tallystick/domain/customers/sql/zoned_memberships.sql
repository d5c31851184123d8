-- For which customers does this person work, and in which zone are the days of their legal entities? As in memberships.sql, with the zone.
drop function customers_memberships_of(bigint);
create function customers_memberships_of(p_person bigint)
returns table (customer_id bigint, customer_name text, role text, division_ids jsonb, time_zone text)
language sql stable security definer set search_path = public, pg_temp as $$
  select m.customer_id, c.name, m.role, m.division_ids, e.time_zone
    from customers_membership m join customers_customer c on c.id = m.customer_id join customers_legalentity e on e.id = c.legal_entity_id
   where m.person_id = p_person and m.is_active order by c.name, m.customer_id
$$;
revoke execute on function customers_memberships_of(bigint) from public;
grant execute on function customers_memberships_of(bigint) to tallystick_web, tallystick_operator;
grant select on customers_legalentity to tallystick_door;
alter function customers_memberships_of(bigint) owner to tallystick_door;
