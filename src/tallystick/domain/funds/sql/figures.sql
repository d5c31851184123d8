-- The one formula (money.md section 2), as small immutable functions that PostgreSQL inlines.

-- N: the balance less the unpaid invoices that count. Rule "consumption" leaves funding invoices out; "all_unpaid" counts them.
create function funds_net(p_balance bigint, p_unpaid_funding bigint, p_unpaid_owed bigint, p_counts_funding boolean) returns bigint
language sql immutable parallel safe as $$
  select p_balance - p_unpaid_owed - case when p_counts_funding then p_unpaid_funding else 0 end
$$;

-- Own and free: what may leave a division.
create function funds_movable(p_net bigint, p_shortfall bigint) returns bigint
language sql immutable parallel safe as $$ select greatest(0, p_net - p_shortfall) $$;

-- What may be spent: (limit - credit in use) + max(0, N). Absent when unlimited.
create function funds_available(p_net bigint, p_limit bigint, p_in_use bigint) returns bigint
language sql immutable parallel safe as $$ select p_limit - p_in_use + greatest(0, p_net) $$;

-- The figures of a division, by the fund that serves it: domain.funds.rules.Figures, field by field.
create type funds_standing as (
  division_id bigint, fund_id bigint, currency text, balance_minor bigint, held_minor bigint, unpaid_funding_minor bigint,
  unpaid_owed_minor bigint, unapplied_minor bigint, taxed_debt_minor bigint, shortfall_minor bigint, counts_funding boolean,
  limit_minor bigint, in_use_minor bigint, is_open boolean
);

create function funds_figures(p_customer bigint) returns setof funds_standing
language sql stable as $$
  select d.id, d.holder_id, c.currency::text, h.balance_minor, h.held_minor, h.unpaid_funding_minor, h.unpaid_owed_minor, h.unapplied_minor,
         h.taxed_debt_minor, h.shortfall_minor, h.counts_funding, c.limit_minor, c.in_use_minor, d.is_open
    from funds_fund d
    join funds_fund h on h.customer_id = d.customer_id and h.id = d.holder_id
    join funds_credit c on c.customer_id = d.customer_id
   where d.customer_id = p_customer
$$;
