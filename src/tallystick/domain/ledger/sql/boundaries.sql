-- Where did a fund stand at each of these instants? The number of its last movement before the instant, and the balance after that; 0 and 0 before the first.
-- Numbers and instants of one fund rise together (ADR 0009), so each instant is found by halving the range of numbers: all instants at
-- once, a descent of the two indexes of histories for each and step, however many movements lie between. A fund of few movements is read whole
-- and laid beside the instants instead, which most funds are and which is several times as fast.
create function ledger_boundaries(p_customer bigint, p_fund bigint, p_instants timestamptz[])
returns table (instant timestamptz, transfer_id bigint, balance_minor bigint)
language plpgsql stable as $$
declare
  most constant int := 300;
begin
  if (select count(*) from (
        (select 1 from ledger_transfer where customer_id = p_customer and fund_id = p_fund limit most + 1)
        union all
        (select 1 from ledger_transfer where customer_id = p_customer and credit_fund_id = p_fund limit most + 1)) met) <= most then
    return query
      with moved as materialized (
        select posted_at, id, case when debit = 30 then debit_balance_after else credit_balance_after end as balance
          from ledger_transfer where customer_id = p_customer and fund_id = p_fund and (debit = 30 or (credit = 30 and credit_fund_id is null))
        union all
        select posted_at, id, credit_balance_after from ledger_transfer where customer_id = p_customer and credit_fund_id = p_fund and credit = 30
      ), beside as ( -- an instant stands before what happened at it
        select at, is_instant, max(id) over (order by at, is_instant desc, id rows unbounded preceding) as last_id
          from (select posted_at as at, false as is_instant, id from moved union all select i, true, 0 from unnest(p_instants) i) lines
      )
      select b.at, b.last_id, coalesce(m.balance, 0) from beside b left join moved m on m.id = b.last_id where b.is_instant;
    return;
  end if;
  return query
    with recursive ends as (
      select coalesce(least((select min(id) from ledger_transfer where customer_id = p_customer and fund_id = p_fund),
                            (select min(id) from ledger_transfer where customer_id = p_customer and credit_fund_id = p_fund)), 1) - 1 as low,
             coalesce(greatest((select max(id) from ledger_transfer where customer_id = p_customer and fund_id = p_fund),
                               (select max(id) from ledger_transfer where customer_id = p_customer and credit_fund_id = p_fund)), 0) + 1 as high
    ), search (at, low, high) as ( -- every movement up to low lies before the instant, none from high on
      select i, ends.low, greatest(ends.high, ends.low + 1) from unnest(p_instants) i, ends
      union all
      select s.at, case when coalesce(met.posted_at < s.at, true) then (s.low + s.high) / 2 else s.low end,
             case when coalesce(met.posted_at < s.at, true) then s.high else met.id end
        from search s left join lateral (
          select id, posted_at from (
            (select id, posted_at from ledger_transfer
              where customer_id = p_customer and fund_id = p_fund and id > s.low and id <= (s.low + s.high) / 2 order by id desc limit 1)
            union all
            (select id, posted_at from ledger_transfer
              where customer_id = p_customer and credit_fund_id = p_fund and id > s.low and id <= (s.low + s.high) / 2 order by id desc limit 1)
          ) sides order by id desc limit 1) met on true
       where s.high - s.low > 1
    )
    select s.at, coalesce(last.id, 0), coalesce(last.balance, 0)
      from search s left join lateral (
        select id, balance from (
          (select id, case when debit = 30 then debit_balance_after else credit_balance_after end as balance from ledger_transfer
            where customer_id = p_customer and fund_id = p_fund and id <= s.low and (debit = 30 or (credit = 30 and credit_fund_id is null)) order by id desc limit 1)
          union all
          (select id, credit_balance_after from ledger_transfer
            where customer_id = p_customer and credit_fund_id = p_fund and credit = 30 and id <= s.low order by id desc limit 1)
        ) sides order by id desc limit 1) last on true
     where s.high - s.low <= 1;
end
$$;
grant execute on function ledger_boundaries(bigint, bigint, timestamptz[]) to tallystick_web, tallystick_operator, tallystick_worker, tallystick_auditor;

-- Everything but charges, by kind: what came in, what was held, what was given back. Charges are many and never touch it.
create index other_movements_of_fund on ledger_transfer (customer_id, fund_id, kind, id) where kind <> 1;
-- Refunds, holds and captures of an order; its charges have an index of their own.
create index other_movements_of_order on ledger_transfer (customer_id, order_id, id) where kind <> 1 and order_id is not null;
