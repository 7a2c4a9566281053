-- What must be there before a request is let through: what its kind always needs, and what the policies in force ask.
--
-- The same needs in the same words as `commands/policy.py` and `commands/policy_rule.py`.

-- Why an amount is above a rule's limits, in words; nothing when it is below.
CREATE FUNCTION api.above(limits jsonb, amount numeric, currency text, verb text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    bound CONSTANT numeric := (limits ->> currency)::numeric;
BEGIN
    IF amount IS NULL OR abs(amount) < bound THEN
        RETURN NULL;
    END IF;
    RETURN api.money(abs(amount), currency) || ' ' || verb || ', ' || CASE
        WHEN bound IS NULL THEN 'any amount of that currency needs approval'
        ELSE api.money(bound, currency) || ' or more need approval'
    END;
END $$;

-- Why a rule applies to what is known of a request, in words; nothing when one of its conditions does not hold.
CREATE FUNCTION api.applies(rule jsonb, known api.known) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    bound numeric;
    why text;
    reasons text[] := '{}';
BEGIN
    IF (jsonb_array_length(coalesce(rule -> 'servers', '[]')) > 0 AND NOT rule -> 'servers' ? known.server)
        OR (jsonb_array_length(coalesce(rule -> 'groups', '[]')) > 0 AND NOT rule -> 'groups' ? known.group_name) THEN
        RETURN NULL;
    END IF;
    IF jsonb_array_length(coalesce(rule -> 'to_books', '[]')) > 0 THEN
        IF (rule -> 'to_books' ? known.to_book) IS NOT TRUE THEN
            RETURN NULL;
        END IF;
        reasons := reasons || ('the account would move to book ' || known.to_book);
    END IF;
    bound := (rule ->> 'open_lots_min')::numeric;
    IF bound IS NOT NULL THEN
        IF known.open_lots < bound THEN
            RETURN NULL;
        END IF;
        reasons := reasons || (trim_scale(known.open_lots) || ' lots are open, ' || trim_scale(bound)
            || ' or more need approval');
    END IF;
    bound := (rule ->> 'leverage_min')::numeric;
    IF bound IS NOT NULL THEN
        IF (known.leverage >= bound) IS NOT TRUE THEN
            RETURN NULL;
        END IF;
        reasons := reasons || ('leverage 1:' || known.leverage || ' is asked for, 1:' || bound
            || ' or more needs approval');
    END IF;
    IF jsonb_typeof(rule -> 'amounts_min') = 'object' THEN
        why := api.above(rule -> 'amounts_min', known.amount, known.currency, 'are asked for');
        IF why IS NULL THEN
            RETURN NULL;
        END IF;
        reasons := reasons || why;
    END IF;
    IF jsonb_typeof(rule -> 'daily_totals_min') = 'object' THEN
        why := api.above(
            rule -> 'daily_totals_min', known.daily_total, known.currency, 'are asked for today in all');
        IF why IS NULL THEN
            RETURN NULL;
        END IF;
        reasons := reasons || why;
    END IF;
    IF jsonb_array_length(coalesce(rule -> 'risks', '[]')) > 0 THEN
        IF NOT rule -> 'risks' ? known.risk THEN
            RETURN NULL;
        END IF;
        reasons := reasons || ('the client is rated ' || known.risk);
    END IF;
    IF (rule ->> 'deviates_from_advice')::boolean THEN
        IF NOT known.deviates THEN
            RETURN NULL;
        END IF;
        reasons := reasons || 'it is not what was advised'::text;
    END IF;
    RETURN coalesce(nullif(array_to_string(reasons, ' and '), ''), 'always needs approval');
END $$;

-- What a policy that applies asks for, as canonical JSON. A role has no blank in it: without them a list is canonical.
CREATE FUNCTION api.need(policy text, words text, rule jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN '{"approvals":' || coalesce(rule ->> 'approvals', '1')
        || ',"escalate_after_s":' || coalesce(rule ->> 'escalate_after_s', 'null')
        || ',"escalate_roles":' || replace(coalesce(rule -> 'escalate_roles', '[]')::text, ' ', '')
        || ',"policy":' || to_json(policy)::text
        || ',"roles":' || replace(coalesce(rule -> 'roles', '["supervisor"]')::text, ' ', '')
        || ',"words":' || to_json(words)::text || '}';
END $$;

-- All that a request needs, in order: what the kind always needs, then each policy by its name. `asked` is a list of
-- canonical JSON objects, `approvals` the most that any of them wants.
CREATE FUNCTION api.needed(
    of_kind text, always text, known api.known, now_us bigint, OUT asked text[], OUT approvals integer)
RETURNS record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    policy record;
    rule jsonb;
    why text;
BEGIN
    asked := '{}';
    approvals := 0;
    IF always <> 'null' THEN
        asked := ARRAY[always];
        approvals := (always::jsonb ->> 'approvals')::integer;
    END IF;
    FOR policy IN
        SELECT newest.id, newest.version, newest.rule FROM (
            SELECT DISTINCT ON (policies.id) policies.id, policies.version, policies.rule, policies.ended_us
            FROM policies WHERE policies.kind = of_kind AND policies.effective_us <= now_us
            ORDER BY policies.id, policies.effective_us DESC, policies.version DESC
        ) AS newest
        WHERE newest.rule <> 'null' AND (newest.ended_us IS NULL OR newest.ended_us > now_us)
        ORDER BY newest.id COLLATE "C"
    LOOP
        rule := policy.rule::jsonb;
        why := api.applies(rule, known);
        IF why IS NOT NULL THEN
            asked := asked || api.need(policy.id || ' v' || policy.version, why, rule);
            approvals := greatest(approvals, coalesce((rule ->> 'approvals')::integer, 1));
        END IF;
    END LOOP;
END $$;

-- What a request would need if it were made now, as a list; nothing for what cannot be asked for.
CREATE FUNCTION api.needs(kind text, server text, payload text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who CONSTANT api.caller := api.who();
    now_us CONSTANT bigint := api.clock_us();
    body CONSTANT jsonb := api.parsed(payload, 20000);
    known api.known;
    always text;
BEGIN
    SELECT command_kinds.always INTO always FROM command_kinds WHERE command_kinds.kind = needs.kind;
    IF who.problem IS NOT NULL OR always IS NULL OR length(server) > 64
        OR api.payload_problem(kind, payload, body) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    known := api.facts(kind, api.place(kind, coalesce(server, ''), body), payload, body, now_us);
    IF NOT (who.everywhere OR api.in_scope(who.id, server, known.group_name)) THEN
        RETURN NULL;
    ELSIF body ? 'client_id' AND NOT api.client_in_scope(who.id, known.client_id)
        AND EXISTS (SELECT FROM clients WHERE clients.id = known.client_id) THEN
        RETURN NULL; -- what a policy asks for would tell how another desk's client is rated
    END IF;
    RETURN '[' || array_to_string((api.needed(kind, always, known, now_us)).asked, ',') || ']';
END $$;
