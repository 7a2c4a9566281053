-- What policies look at: the account, its client, what is open, what was asked today, what was advised.
--
-- The same as `facts` in `commands/policy_facts.py`; nothing or empty where there is no such thing.

CREATE TYPE api.known AS (
    server text, login bigint, group_name text, client_id bigint, to_book text, open_lots numeric, leverage bigint,
    amount bigint, currency text, daily_total numeric, risk text, advised text, deviates boolean,
    -- how the account stands now: no policy looks at these, but what changes nothing is refused
    has_leverage bigint, in_book text, covered_percent bigint);

-- Where it happens: the account with its group, client and currency, as far as there is one.
CREATE FUNCTION api.place(of_kind text, of_server text, body jsonb) RETURNS api.known
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    known api.known;
BEGIN
    known.server := of_server;
    known.group_name := '';
    known.currency := '';
    CASE of_kind
        WHEN 'set_book', 'set_group', 'set_leverage', 'change_balance' THEN
            known.login := (body ->> 'login')::bigint;
        WHEN 'close_position' THEN
            SELECT positions.login INTO known.login FROM positions
            WHERE positions.server = of_server AND positions.id = (body ->> 'position_id')::bigint;
        WHEN 'open_account' THEN
            known.group_name := body ->> 'group';
            known.client_id := (body ->> 'client_id')::bigint;
            SELECT groups.currency INTO known.currency FROM groups
            WHERE groups.server = of_server AND groups.name = known.group_name;
            known.currency := coalesce(known.currency, '');
        WHEN 'settle_unknown' THEN
            SELECT commands.login, commands.group_name, commands.client_id, client_ratings.rating
            INTO known.login, known.group_name, known.client_id, known.risk
            FROM commands LEFT JOIN client_ratings ON client_ratings.client_id = commands.client_id
            WHERE commands.id = body ->> 'command_id';
            known.group_name := coalesce(known.group_name, '');
            RETURN known;
        ELSE
            known.client_id := (body ->> 'client_id')::bigint;
    END CASE;
    IF known.login IS NOT NULL THEN
        SELECT accounts.group_name, accounts.client_id, accounts.currency, client_ratings.rating, (
            SELECT advice.payload FROM advice
            WHERE advice.server = of_server AND advice.login = known.login AND advice.kind = of_kind),
            (SELECT trim_scale(coalesce(sum(positions.volume), 0) * 0.00000001) FROM positions
            WHERE positions.server = of_server AND positions.login = known.login),
            accounts.leverage, routing.book, routing.covered_percent
        INTO known.group_name, known.client_id, known.currency, known.risk, known.advised, known.open_lots,
            known.has_leverage, known.in_book, known.covered_percent
        FROM accounts LEFT JOIN client_ratings ON client_ratings.client_id = accounts.client_id
            LEFT JOIN routing ON routing.server = accounts.server AND routing.login = accounts.login
        WHERE accounts.server = of_server AND accounts.login = known.login;
        known.group_name := coalesce(known.group_name, '');
        known.currency := coalesce(known.currency, '');
    ELSIF known.client_id IS NOT NULL THEN
        SELECT client_ratings.rating INTO known.risk FROM client_ratings
        WHERE client_ratings.client_id = known.client_id;
    END IF;
    RETURN known;
END $$;

-- What the balance operations asked for a client in a currency since midnight UTC come to, regardless of their signs.
CREATE FUNCTION api.asked_today(of_client bigint, of_currency text, now_us bigint) RETURNS numeric
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN (
        SELECT coalesce(sum(abs((commands.payload::jsonb ->> 'amount')::numeric)), 0)
        FROM commands JOIN accounts ON accounts.server = commands.server AND accounts.login = commands.login
        WHERE commands.client_id = of_client AND commands.requested_us >= now_us - now_us % 86400000000
            AND commands.kind = 'change_balance'
            AND commands.state NOT IN ('refused', 'expired', 'withdrawn', 'failed')
            AND accounts.currency = of_currency);
END $$;

-- What is known of a request beyond its place, which was looked up before.
CREATE FUNCTION api.facts(of_kind text, place api.known, payload text, body jsonb, now_us bigint) RETURNS api.known
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    known api.known := place;
BEGIN
    IF known.open_lots IS NULL AND known.login IS NOT NULL THEN
        SELECT trim_scale(coalesce(sum(positions.volume), 0) * 0.00000001) INTO known.open_lots FROM positions
        WHERE positions.server = known.server AND positions.login = known.login;
    END IF;
    known.open_lots := coalesce(known.open_lots, 0);
    CASE of_kind
        WHEN 'set_book' THEN known.to_book := body ->> 'book';
        WHEN 'set_leverage', 'open_account' THEN known.leverage := (body ->> 'leverage')::bigint;
        WHEN 'change_balance' THEN
            known.amount := (body ->> 'amount')::bigint;
            known.daily_total := abs(known.amount) + api.asked_today(known.client_id, known.currency, now_us);
        ELSE NULL;
    END CASE;
    known.risk := CASE WHEN known.client_id IS NULL THEN '' ELSE coalesce(known.risk, 'unrated') END;
    IF of_kind NOT IN ('set_book', 'set_group', 'set_leverage', 'change_balance') THEN
        known.advised := NULL;
    END IF;
    known.deviates := known.advised IS NOT NULL AND known.advised <> payload;
    RETURN known;
END $$;

-- The facts as canonical JSON, for the record.
CREATE FUNCTION api.facts_json(known api.known) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN concat('{"amount":', coalesce(known.amount::text, 'null'), ',"client_id":',
        coalesce(known.client_id::text, 'null'), ',"currency":', to_json(known.currency), ',"daily_total":',
        coalesce(known.daily_total::text, 'null'), ',"deviates":', CASE WHEN known.deviates THEN 'true' ELSE 'false' END,
        ',"group":', to_json(known.group_name), ',"leverage":', coalesce(known.leverage::text, 'null'),
        ',"login":', coalesce(known.login::text, 'null'), ',"open_lots":"', known.open_lots, '","risk":"', known.risk,
        '","server":', to_json(known.server), ',"to_book":', coalesce('"' || known.to_book || '"', 'null'), '}');
END $$;
