-- What a command asks for, as a sentence from its own terms: nobody's own words for it are trusted.
--
-- The same sentences as `title` in `commands/platform_kinds.py` and `commands/desk_kinds.py`.

-- «100.00 USD» for 10000 minor units of USD; «10000 minor units» where the currency is not known.
CREATE FUNCTION api.money(minor numeric, currency text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    digits CONSTANT integer := CASE
        WHEN currency IN ('JPY', 'KRW', 'CLP', 'VND') THEN 0
        WHEN currency IN ('BHD', 'KWD', 'OMR', 'TND', 'JOD') THEN 3
        WHEN currency IN ('USDT', 'USDC') THEN 6
        WHEN currency IN ('BTC', 'ETH') THEN 8
        ELSE 2
    END;
BEGIN
    IF coalesce(currency, '') = '' THEN
        RETURN minor || ' minor units';
    END IF;
    RETURN round(minor * 10::numeric ^ (-digits), digits)::text || ' ' || currency;
END $$;

-- A volume of 1e-8 lots in lots, without zeros at its end.
CREATE FUNCTION api.lots(volume numeric) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT trim_scale(volume * 0.00000001)::text;
END;

-- A moment as people say it: «01 Nov 2026 08:00».
CREATE FUNCTION api.moment(us bigint) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT to_char(to_timestamp(us / 1000000) AT TIME ZONE 'UTC', 'DD Mon YYYY HH24:MI');
END;

-- «everything», «all of MT5», «group real on MT5 and all of MT4».
CREATE FUNCTION api.scope_words(scopes jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT coalesce(string_agg(CASE
        WHEN scope.value ->> 'group' <> '' THEN 'group ' || (scope.value ->> 'group') || ' on '
            || coalesce(nullif(scope.value ->> 'server', ''), 'every server')
        WHEN scope.value ->> 'server' <> '' THEN 'all of ' || (scope.value ->> 'server')
        ELSE 'everything'
    END, ' and ' ORDER BY scope.place), 'nothing')
    FROM jsonb_array_elements(scopes) WITH ORDINALITY AS scope (value, place);
END;

-- A role as people say it, of one person: «payments officer».
CREATE FUNCTION api.role_words(role text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE role
        WHEN 'back_office' THEN 'back office clerk'
        WHEN 'payments' THEN 'payments officer'
        WHEN 'compliance' THEN 'compliance officer'
        ELSE api.words(role)
    END;
END;

-- Words with their article: «an auditor».
CREATE FUNCTION api.a(words text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN left(words, 1) = 'a' THEN 'an ' ELSE 'a ' END || words;
END;

CREATE FUNCTION api.a_role(role text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT api.a(api.role_words(role));
END;

-- `currency` is that of the account, empty where nobody knows it.
CREATE FUNCTION api.title(of_kind text, server text, body jsonb, currency text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    account CONSTANT text := server || ' ' || coalesce(body ->> 'login', '');
BEGIN
    RETURN CASE of_kind
        WHEN 'set_book' THEN 'Set the book of ' || account || ' to ' || (body ->> 'book') || CASE
            WHEN body ->> 'book' = 'C' THEN ' (' || (body ->> 'covered_percent') || ' % covered)' ELSE '' END
        WHEN 'set_group' THEN 'Move ' || account || ' to group ' || (body ->> 'group')
        WHEN 'set_leverage' THEN 'Set the leverage of ' || account || ' to 1:' || (body ->> 'leverage')
        WHEN 'change_balance' THEN initcap(body ->> 'operation') || ' of '
            || api.money(abs((body ->> 'amount')::bigint), currency)
            || CASE WHEN (body ->> 'amount')::bigint > 0 THEN ' to ' ELSE ' from ' END || account
            || coalesce(' (' || nullif(body ->> 'reference', '') || ')', '')
        WHEN 'open_account' THEN 'Open an account on ' || server || ' for client ' || (body ->> 'client_id')
            || ' in group ' || (body ->> 'group') || ', leverage 1:' || (body ->> 'leverage')
        WHEN 'close_position' THEN 'Close ' || CASE WHEN (body ->> 'volume')::bigint <> 0
            THEN api.lots((body ->> 'volume')::bigint) || ' lots of ' ELSE '' END
            || 'position ' || (body ->> 'position_id') || ' on ' || server
        ELSE api.desk_title(of_kind, body)
    END;
END $$;

CREATE FUNCTION api.desk_title(of_kind text, body jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    person CONSTANT text := body ->> 'staff';
    client CONSTANT text := 'client ' || coalesce(body ->> 'client_id', '');
BEGIN
    RETURN CASE of_kind
        WHEN 'add_staff' THEN 'Take on ' || person || ' (' || (body ->> 'name') || ') as ' || api.role_words(body ->> 'role')
            || ' for ' || api.scope_words(body -> 'scopes')
            || coalesce(', signing in as ' || nullif(body ->> 'login', ''), '')
        WHEN 'change_role' THEN 'Make ' || person || ' ' || api.a_role(body ->> 'role')
        WHEN 'set_scopes' THEN 'Let ' || person || ' see and act on ' || api.scope_words(body -> 'scopes')
        WHEN 'set_active' THEN 'Let ' || person
            || CASE WHEN (body ->> 'active')::boolean THEN ' in again' ELSE ' do nothing any more' END
        WHEN 'make_login' THEN 'Make the login ' || (body ->> 'login') || ' for ' || person
        WHEN 'drop_login' THEN 'Drop the login ' || (body ->> 'login') || ' of ' || person
        WHEN 'set_policy' THEN CASE WHEN jsonb_typeof(body -> 'rule') = 'null' THEN 'End policy '
            ELSE 'Put a new version of policy ' END || (body ->> 'policy') || ' for ' || api.words(body ->> 'of_kind')
            || CASE WHEN jsonb_typeof(body -> 'rule') = 'null' THEN '' ELSE ' in force' END
            || CASE WHEN (body ->> 'effective_us')::bigint <> 0
                THEN ' from ' || api.moment((body ->> 'effective_us')::bigint) || ' UTC' ELSE '' END
        WHEN 'cover_absence' THEN 'Let ' || (body ->> 'cover') || ' decide for ' || (body ->> 'absent') || ' from '
            || api.moment((body ->> 'from_us')::bigint) || ' to ' || api.moment((body ->> 'until_us')::bigint) || ' UTC'
        WHEN 'rate_client' THEN 'Rate ' || client || ' as ' || (body ->> 'rating') || ' risk'
        WHEN 'set_contact' THEN 'Set the ' || api.words(body ->> 'field') || ' of ' || client
        WHEN 'erase_client' THEN 'Erase ' || client || ' for good'
        WHEN 'settle_unknown' THEN 'Settle command ' || (body ->> 'command_id') || ' as ' || (body ->> 'outcome') || ': '
            || (body ->> 'evidence')
    END;
END $$;
