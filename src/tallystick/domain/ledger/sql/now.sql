-- The one clock of the journal. Only the owner may replace it, which the demo does to tell its story in the past (ADR 0009).
create function ledger_now() returns timestamptz language sql volatile parallel restricted as 'select clock_timestamp()';
create sequence ledger_transfer_number as bigint cache 1;
grant usage on sequence ledger_transfer_number to tallystick_web, tallystick_operator, tallystick_worker, tallystick_door;

-- an event of a change is as old as its postings
alter table events_event alter column occurred_at set default ledger_now();
