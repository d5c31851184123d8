-- What is open of each division by due day, kept by the statements that change invoices: a page adds up days instead of a million invoices.
-- An invoice never changes its division, its due day or its kind; what a tax row moves counts for the day of its invoice.

create table invoicing_due (
    customer_id bigint not null,
    division_id bigint not null,
    due_date date not null,
    is_funding boolean not null,
    count bigint not null default 0,
    open_minor bigint not null default 0,
    open_net_minor bigint not null default 0,
    constraint invoicing_due_pkey primary key (customer_id, division_id, due_date, is_funding)
) with (fillfactor = 70);

insert into invoicing_due
select i.customer_id, i.division_id, i.due_date, i.kind = 'funding', count(*), sum(i.open_minor), sum(coalesce(t.net, 0))
  from invoicing_invoice i
  left join (select customer_id, invoice_id, sum(open_net_minor) as net from invoicing_invoicetax group by 1, 2) t
    on t.customer_id = i.customer_id and t.invoice_id = i.id
 where i.open_minor > 0
 group by 1, 2, 3, 4;

-- a row's own trigger, since no table here asks for more; crosswise waits of two payments are run again like every deadlock
create function invoicing_due_move(of_customer bigint, of_division bigint, of_day date, of_kind text, n bigint, moved bigint, moved_net bigint)
returns void language sql as $$
    insert into invoicing_due as d values (of_customer, of_division, of_day, of_kind = 'funding', n, moved, moved_net)
        on conflict (customer_id, division_id, due_date, is_funding) do update
       set count = d.count + excluded.count, open_minor = d.open_minor + excluded.open_minor, open_net_minor = d.open_net_minor + excluded.open_net_minor
$$;

create function invoicing_invoice_due() returns trigger language plpgsql as $$
declare
    before_minor bigint := case when tg_op = 'UPDATE' then old.open_minor else 0 end;
begin
    perform invoicing_due_move(new.customer_id, new.division_id, new.due_date, new.kind,
        (new.open_minor > 0)::int - (before_minor > 0)::int, new.open_minor - before_minor, 0);
    return null;
end $$;

create function invoicing_tax_due() returns trigger language plpgsql as $$
declare
    before_minor bigint := case when tg_op = 'UPDATE' then old.open_net_minor else 0 end;
begin
    perform invoicing_due_move(i.customer_id, i.division_id, i.due_date, i.kind, 0, 0, new.open_net_minor - before_minor)
       from invoicing_invoice i where i.customer_id = new.customer_id and i.id = new.invoice_id;
    return null;
end $$;

create trigger invoicing_invoice_due_new after insert on invoicing_invoice
    for each row when (new.open_minor > 0) execute function invoicing_invoice_due();
create trigger invoicing_invoice_due_moved after update on invoicing_invoice
    for each row when (new.open_minor <> old.open_minor) execute function invoicing_invoice_due();
create trigger invoicing_tax_due_new after insert on invoicing_invoicetax
    for each row when (new.open_net_minor > 0) execute function invoicing_tax_due();
create trigger invoicing_tax_due_moved after update on invoicing_invoicetax
    for each row when (new.open_net_minor <> old.open_net_minor) execute function invoicing_tax_due();
