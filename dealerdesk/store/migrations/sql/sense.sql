-- What makes no sense now on a trading server, in a person's words: the sentences of the checks in
-- `commands/platform_kinds.py`. What only the doing itself can show is checked there once more.

-- Whether a text is shaped like one that is sealed under a client's key.
CREATE FUNCTION api.is_sealed(said text, chars_max integer) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT length(said) <= chars_max
        AND said ~ '^dd1[.]([A-Za-z0-9_-]{4}){9,}([A-Za-z0-9_-]{4}|[A-Za-z0-9_-]{3}=|[A-Za-z0-9_-]{2}==)$';
END;

-- Why a request to a trading server makes no sense; nothing when it does.
CREATE FUNCTION api.platform_problem(of_kind text, of_server text, body jsonb, known api.known) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    account CONSTANT text := of_server || ' ' || coalesce(body ->> 'login', '');
    amount CONSTANT numeric := (body ->> 'amount')::numeric;
    leverage CONSTANT numeric := (body ->> 'leverage')::numeric;
    volume CONSTANT numeric := (body ->> 'volume')::numeric;
    held numeric;
BEGIN
    IF body ? 'login' AND known.client_id IS NULL THEN
        RETURN 'There is no account ' || account;
    ELSIF leverage IS NOT NULL AND leverage NOT BETWEEN 1 AND 1000 THEN
        RETURN 'Leverage 1:' || leverage || ' is outside 1:1 to 1:1000';
    END IF;
    CASE of_kind
        WHEN 'set_book' THEN
            RETURN api.book_problem(of_server, body, known);
        WHEN 'set_group' THEN
            RETURN api.group_problem(of_server, body, known);
        WHEN 'set_leverage' THEN
            IF known.has_leverage = leverage THEN
                RETURN account || ' has leverage 1:' || leverage || ' already';
            END IF;
        WHEN 'change_balance' THEN
            RETURN CASE
                WHEN amount = 0 THEN 'The amount is zero'
                WHEN body ->> 'operation' = 'deposit' AND amount < 0 THEN 'A deposit goes the other way'
                WHEN body ->> 'operation' = 'withdrawal' AND amount > 0 THEN 'A withdrawal goes the other way'
                WHEN length(body ->> 'reference') > 64 THEN 'The reference is longer than 64 characters'
            END;
        WHEN 'open_account' THEN
            IF (body ->> 'client_id')::bigint <= 0 OR NOT api.is_sealed(body ->> 'name', 724) THEN
                RETURN 'A new account needs a client''s number, and their name sealed under the client''s key';
            ELSIF known.currency = '' THEN
                RETURN 'There is no group ' || (body ->> 'group') || ' on ' || of_server;
            END IF;
        WHEN 'close_position' THEN
            SELECT positions.volume INTO held FROM positions
            WHERE positions.server = of_server AND positions.id = (body ->> 'position_id')::bigint;
            IF held IS NULL THEN
                RETURN 'There is no open position ' || (body ->> 'position_id') || ' on ' || of_server;
            ELSIF volume NOT BETWEEN 0 AND held THEN
                RETURN 'Position ' || (body ->> 'position_id') || ' has ' || api.lots(held) || ' lots, not '
                    || api.lots(volume);
            END IF;
        ELSE
            NULL;
    END CASE;
    RETURN NULL;
END $$;

CREATE FUNCTION api.book_problem(of_server text, body jsonb, known api.known) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    to_book CONSTANT text := body ->> 'book';
    share CONSTANT numeric := (body ->> 'covered_percent')::numeric;
    lowest CONSTANT numeric := CASE to_book WHEN 'A' THEN 100 WHEN 'B' THEN 0 ELSE 1 END;
    highest CONSTANT numeric := CASE to_book WHEN 'A' THEN 100 WHEN 'B' THEN 0 ELSE 99 END;
BEGIN
    IF share NOT BETWEEN lowest AND highest THEN
        RETURN 'Book ' || to_book || ' covers ' || CASE WHEN lowest = highest THEN lowest || ' %'
            ELSE lowest || ' to ' || highest || ' %' END || ' of the client''s risk, not ' || share || ' %';
    ELSIF known.in_book = to_book AND known.covered_percent = share THEN
        RETURN of_server || ' ' || (body ->> 'login') || ' is already in book ' || to_book;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION api.group_problem(of_server text, body jsonb, known api.known) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    to_group CONSTANT text := body ->> 'group';
    account CONSTANT text := of_server || ' ' || (body ->> 'login');
    currency text;
BEGIN
    SELECT groups.currency INTO currency FROM groups WHERE groups.server = of_server AND groups.name = to_group;
    RETURN CASE
        WHEN currency IS NULL THEN 'There is no group ' || to_group || ' on ' || of_server
        WHEN known.group_name = to_group THEN account || ' is already in group ' || to_group
        WHEN currency <> known.currency THEN
            'Group ' || to_group || ' is in ' || currency || ', ' || account || ' is in ' || known.currency
    END;
END $$;
