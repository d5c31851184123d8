-- A customer's own row: its id is the customer_id of everything that belongs to it. Ids start where those of the CertCentral face look right.
alter table customers_customer alter column id restart with 11200;
alter table customers_division alter column id restart with 11220;
alter table customers_customer enable row level security;
alter table customers_customer force row level security;
create policy viewed on customers_customer to tallystick_web, tallystick_worker
  using (id = nullif(current_setting('tallystick.customer_id', true), '')::bigint);
create policy everything on customers_customer to tallystick_operator, tallystick_owner using (true) with check (true);
create policy reading on customers_customer for select to tallystick_auditor using (true);
grant select, update on customers_customer to tallystick_web;
grant select, insert, update on customers_customer to tallystick_operator;
grant select on customers_customer to tallystick_worker, tallystick_auditor;
