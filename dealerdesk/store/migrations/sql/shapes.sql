-- What each kind's payload must look like: every field, no other, each of its type and of a bearable length.
--
-- Internal. A payload that passes can be read by the program and by the policies without a surprise.

-- The fields of a kind's payload and their types; nothing for a kind that nobody may ask for.
CREATE FUNCTION api.shape(of_kind text) RETURNS jsonb
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE of_kind
        WHEN 'set_book' THEN '{"login": "count", "book": "book", "covered_percent": "integer"}'::jsonb
        WHEN 'set_group' THEN '{"login": "count", "group": "name"}'::jsonb
        WHEN 'set_leverage' THEN '{"login": "count", "leverage": "count"}'::jsonb
        WHEN 'change_balance' THEN
            '{"login": "count", "operation": "operation", "amount": "integer", "reference": "text"}'::jsonb
        WHEN 'open_account' THEN
            '{"client_id": "count", "name": "token", "country": "text", "group": "name", "leverage": "count"}'::jsonb
        WHEN 'close_position' THEN '{"position_id": "count", "volume": "integer"}'::jsonb
        WHEN 'add_staff' THEN
            '{"staff": "name", "name": "name", "role": "role", "scopes": "scopes", "login": "text"}'::jsonb
        WHEN 'change_role' THEN '{"staff": "name", "role": "role"}'::jsonb
        WHEN 'set_scopes' THEN '{"staff": "name", "scopes": "scopes"}'::jsonb
        WHEN 'set_active' THEN '{"staff": "name", "active": "flag"}'::jsonb
        WHEN 'make_login' THEN '{"staff": "name", "login": "name"}'::jsonb
        WHEN 'drop_login' THEN '{"staff": "name", "login": "name"}'::jsonb
        WHEN 'set_policy' THEN
            '{"policy": "name", "of_kind": "name", "rule": "rule", "effective_us": "moment", "note": "text"}'::jsonb
        WHEN 'cover_absence' THEN
            '{"absent": "name", "cover": "name", "from_us": "moment", "until_us": "moment"}'::jsonb
        WHEN 'rate_client' THEN '{"client_id": "count", "rating": "rating"}'::jsonb
        WHEN 'set_contact' THEN '{"client_id": "count", "field": "contact", "token": "token"}'::jsonb
        WHEN 'erase_client' THEN '{"client_id": "count"}'::jsonb
        WHEN 'settle_unknown' THEN '{"command_id": "name", "outcome": "end", "evidence": "evidence"}'::jsonb
    END;
END;

-- Whether a value is of a type; false for types that are not known.
CREATE FUNCTION api.fits(value jsonb, of_type text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    spelt text := value #>> '{}';
BEGIN
    IF of_type IN ('integer', 'count', 'moment') THEN
        RETURN jsonb_typeof(value) = 'number' AND spelt ~ '^-?[0-9]{1,18}$'
            AND (of_type = 'integer' OR spelt::bigint >= 0)
            AND (of_type <> 'moment' OR spelt::bigint < 4102444800000000); -- the year 2100
    ELSIF of_type = 'flag' THEN
        RETURN jsonb_typeof(value) = 'boolean';
    ELSIF of_type = 'rule' THEN
        RETURN jsonb_typeof(value) = 'null' OR api.is_rule(value);
    ELSIF of_type = 'scopes' THEN
        RETURN api.are_scopes(value);
    ELSIF jsonb_typeof(value) IS DISTINCT FROM 'string' THEN
        RETURN false;
    END IF;
    RETURN CASE of_type
        WHEN 'name' THEN length(spelt) BETWEEN 1 AND 200
        WHEN 'text' THEN length(spelt) <= 500
        WHEN 'evidence' THEN length(spelt) BETWEEN 1 AND 2000
        WHEN 'token' THEN length(spelt) BETWEEN 1 AND 8000
        WHEN 'book' THEN spelt IN ('A', 'B', 'C')
        WHEN 'role' THEN api.is_role(spelt)
        WHEN 'operation' THEN
            spelt IN ('deposit', 'withdrawal', 'credit', 'bonus', 'correction', 'compensation')
        WHEN 'rating' THEN spelt IN ('low', 'medium', 'high', 'prohibited')
        WHEN 'risk' THEN spelt IN ('low', 'medium', 'high', 'prohibited', 'unrated')
        WHEN 'contact' THEN spelt IN ('address', 'email', 'phone', 'bank_account', 'tax_id')
        WHEN 'end' THEN spelt IN ('confirmed', 'failed')
        WHEN 'decimal' THEN spelt ~ '^[0-9]{1,18}([.][0-9]{1,18})?$'
        ELSE false
    END;
END $$;

CREATE FUNCTION api.is_role(spelt text) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT spelt IN ('dealer', 'head_dealer', 'back_office', 'payments', 'compliance', 'supervisor', 'auditor',
        'administrator');
END;

-- Whether a value is a list of at most `most` values of a type.
CREATE FUNCTION api.is_list(value jsonb, of_type text, fewest integer, most integer) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN CASE WHEN jsonb_typeof(value) = 'array' THEN
        jsonb_array_length(value) BETWEEN fewest AND most
        AND NOT EXISTS (SELECT FROM jsonb_array_elements(value) AS item WHERE NOT api.fits(item, of_type))
    ELSE false END;
END $$;

-- Whether a value is currency → minor units.
CREATE FUNCTION api.are_limits(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN CASE WHEN jsonb_typeof(value) = 'object' THEN NOT EXISTS (
        SELECT FROM jsonb_each(value) AS bound WHERE length(bound.key) > 16 OR NOT api.fits(bound.value, 'integer'))
    ELSE false END;
END $$;

CREATE FUNCTION api.are_scopes(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN CASE WHEN jsonb_typeof(value) = 'array' THEN jsonb_array_length(value) <= 200 AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(value) AS scope
        WHERE NOT (CASE WHEN jsonb_typeof(scope) = 'object' THEN
            scope - 'server' - 'group' = '{}'::jsonb
            AND coalesce(api.fits(scope -> 'server', 'text'), false)
            AND coalesce(api.fits(scope -> 'group', 'text'), false)
        ELSE false END))
    ELSE false END;
END $$;

-- Whether a value is a policy's rule with all its conditions, null where there is none.
CREATE FUNCTION api.is_rule(value jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    nothing CONSTANT jsonb := 'null';
BEGIN
    IF jsonb_typeof(value) IS DISTINCT FROM 'object' OR NOT value ?& ARRAY['servers', 'groups', 'to_books',
        'open_lots_min', 'leverage_min', 'amounts_min', 'daily_totals_min', 'risks', 'deviates_from_advice',
        'approvals', 'roles', 'escalate_after_s', 'escalate_roles'] THEN
        RETURN false;
    END IF;
    RETURN (SELECT count(*) = 13 FROM jsonb_object_keys(value))
        AND api.is_list(value -> 'servers', 'text', 0, 100)
        AND api.is_list(value -> 'groups', 'text', 0, 100)
        AND api.is_list(value -> 'to_books', 'book', 0, 3)
        AND (value -> 'open_lots_min' = nothing OR api.fits(value -> 'open_lots_min', 'decimal'))
        AND (value -> 'leverage_min' = nothing OR api.fits(value -> 'leverage_min', 'integer'))
        AND (value -> 'amounts_min' = nothing OR api.are_limits(value -> 'amounts_min'))
        AND (value -> 'daily_totals_min' = nothing OR api.are_limits(value -> 'daily_totals_min'))
        AND api.is_list(value -> 'risks', 'risk', 0, 5)
        AND api.fits(value -> 'deviates_from_advice', 'flag')
        AND value ->> 'approvals' IN ('1', '2') AND jsonb_typeof(value -> 'approvals') = 'number' -- 1.0 is no count
        AND api.is_list(value -> 'roles', 'role', 1, 8)
        AND (value -> 'escalate_after_s' = nothing OR api.fits(value -> 'escalate_after_s', 'count'))
        AND api.is_list(value -> 'escalate_roles', 'role', 0, 8);
END $$;

-- Whether a payload is, to the letter, one of the short ones without free text: most are, and this is the quick way to
-- see it. What does not match is looked at in full.
CREATE FUNCTION api.is_plain(of_kind text, payload text, body jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    spelt text;
    figure text;
BEGIN
    CASE of_kind
        WHEN 'set_book' THEN
            figure := body ->> 'covered_percent';
            spelt := concat('{"book":"', body ->> 'book', '","covered_percent":', figure, ',"kind":"set_book","login":',
                body ->> 'login', '}');
            IF (body ->> 'book' IN ('A', 'B', 'C')) IS NOT TRUE THEN
                RETURN false;
            END IF;
        WHEN 'set_leverage' THEN
            figure := body ->> 'leverage';
            spelt := concat('{"kind":"set_leverage","leverage":', figure, ',"login":', body ->> 'login', '}');
        ELSE
            RETURN false;
    END CASE;
    -- a number that is spelt with digits alone and is not too long; a text would stand within quotes
    RETURN (spelt = payload AND length(figure) <= 18 AND length(body ->> 'login') <= 18
        AND translate(concat(figure, body ->> 'login'), '0123456789', '') = '') IS TRUE;
END $$;

-- What is wrong with a payload of a kind, in words; nothing when it is what the kind takes.
CREATE FUNCTION api.payload_problem(of_kind text, payload text, body jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    shape jsonb;
    wrong text;
BEGIN
    IF api.is_plain(of_kind, payload, body) THEN
        RETURN NULL;
    END IF;
    shape := api.shape(of_kind);
    IF shape IS NULL THEN
        RETURN '«' || left(api.words(of_kind), 64) || '» cannot be asked for here';
    ELSIF jsonb_typeof(body) IS DISTINCT FROM 'object' OR body ->> 'kind' IS DISTINCT FROM of_kind THEN
        RETURN 'What is asked for is not a «' || api.words(of_kind) || '»';
    END IF;
    SELECT coalesce(field.key, given.key) INTO wrong
    FROM jsonb_each_text(shape) AS field FULL JOIN jsonb_each(body - 'kind') AS given ON given.key = field.key
    WHERE field.key IS NULL OR given.key IS NULL OR NOT coalesce(api.fits(given.value, field.value), false)
    ORDER BY 1 LIMIT 1;
    IF wrong IS NOT NULL THEN
        RETURN '«' || api.words(of_kind) || '» does not take this as its ' || left(api.words(wrong), 64);
    ELSIF payload IS DISTINCT FROM api.canonical(body) THEN -- only what has its shape: it is not nested without end
        RETURN 'What is asked for is not written as it must be';
    END IF;
    RETURN NULL;
END $$;
