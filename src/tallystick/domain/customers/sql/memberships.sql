-- For which customers does this person work? Asked at sign-in, before there is a customer to look at; so the door role answers.
create function customers_memberships_of(p_person bigint)
returns table (customer_id bigint, customer_name text, role text, division_ids jsonb)
language sql stable security definer set search_path = public, pg_temp as $$
  select m.customer_id, c.name, m.role, m.division_ids
    from customers_membership m join customers_customer c on c.id = m.customer_id
   where m.person_id = p_person and m.is_active order by c.name, m.customer_id
$$;
revoke execute on function customers_memberships_of(bigint) from public;
grant execute on function customers_memberships_of(bigint) to tallystick_web, tallystick_operator;
grant select on customers_membership, customers_customer to tallystick_door;
create policy door on customers_membership for select to tallystick_door using (true);
create policy door on customers_customer for select to tallystick_door using (true);
alter function customers_memberships_of(bigint) owner to tallystick_door;
