-- Forms of staff that were sent and had their effect: a double click and the back button are led to where the first press led.
-- Written in the transaction of the effect itself, so that of two presses at once the second waits here and then finds the first.
create table customers_sentform (
  key uuid primary key, person_id bigint not null, address text not null default '', sent_at timestamptz not null);
create index sent_form_by_age on customers_sentform (sent_at);
grant select, insert, update, delete on customers_sentform to tallystick_operator;
grant select on customers_sentform to tallystick_auditor;
