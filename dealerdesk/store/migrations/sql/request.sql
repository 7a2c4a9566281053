-- Asking for a command. It is entered as asked for or not at all; with nobody's approval needed it is let through at once.

-- A command that is about to be asked for: its terms, what is known of it and what it needs, or why not (`problem`).
CREATE TYPE api.wish AS (
    id text, kind text, server text, payload text, body jsonb, expected_version bigint, terms text, title text,
    known api.known, asked text[], approvals integer, waits_us bigint, dispatch_within_us bigint, outcome text,
    problem text);

-- Why a person may not ask for a kind at all, or not in these terms; nothing when they may. `asked` is the kind's row.
CREATE FUNCTION api.asking_problem(
    who api.caller, asked public.command_kinds, of_kind text, server text, reason text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    requesters CONSTANT jsonb := asked.requesters::jsonb;
BEGIN
    IF who.problem IS NOT NULL THEN
        RETURN who.problem;
    END IF;
    -- most requests have nothing wrong with them: the sentences are looked at only for the others
    IF requesters ? who.role AND length(server) <= 64 AND length(reason) BETWEEN 1 AND 500 THEN
        RETURN NULL;
    END IF;
    RETURN CASE
        WHEN requesters IS NULL
            THEN '«' || coalesce(left(api.words(of_kind), 64), '') || '» cannot be asked for here'
        WHEN NOT requesters ? who.role THEN api.capital(api.a_role(who.role))
            || ' cannot ask for «' || api.words(of_kind) || '»'
        WHEN server IS NULL OR length(server) > 64 THEN 'There is no such server'
        WHEN reason = '' THEN 'Give a reason'
        WHEN length(reason) > 500 THEN 'The reason is longer than 500 characters'
    END;
END $$;

-- Two open commands that set the same thing would race each other; two that say the same are one too many.
CREATE FUNCTION api.second_problem(wish api.wish) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    first record;
BEGIN
    IF api.is_exclusive(wish) THEN
        SELECT commands.requested_by, commands.title, commands.state INTO first FROM commands
        WHERE commands.server = wish.server AND commands.login = (wish.known).login AND commands.kind = wish.kind
            -- said this way round, only the account's own commands are looked through
            AND commands.state NOT IN ('refused', 'expired', 'withdrawn', 'confirmed', 'failed', 'unknown')
            AND commands.id <> wish.id LIMIT 1;
    ELSE
        SELECT commands.requested_by, commands.title, commands.state INTO first FROM commands
        WHERE commands.server = wish.server AND commands.kind = wish.kind AND commands.payload = wish.payload
            AND commands.state IN ('requested', 'approved', 'dispatched') AND commands.id <> wish.id LIMIT 1;
    END IF;
    RETURN first.requested_by || ' was first: «' || first.title || '» is ' || first.state;
END $$;

-- Whether an account can have but one open command of the kind.
CREATE FUNCTION api.is_exclusive(wish api.wish) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT wish.kind IN ('set_book', 'set_group', 'set_leverage') AND (wish.known).login IS NOT NULL;
END;

-- Where those stand in line who ask for the like: they must see each other's requests, and one client's amounts must
-- add up. There are a thousand places and not one for each request, since the server has room for few locks: whoever
-- asks for thousands of things in one transaction must not take it all. Nothing for what is nowhere.
CREATE FUNCTION api.line_of(wish api.wish) RETURNS bigint
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT hashtextextended(CASE
        WHEN wish.kind = 'change_balance' THEN 'client ' || (wish.known).client_id
        WHEN wish.kind IN ('set_book', 'set_group', 'set_leverage')
            THEN wish.kind || ' ' || wish.server || ' ' || (wish.body ->> 'login')
        ELSE wish.kind || ' ' || wish.server || ' ' || wish.payload
    END, 0) & 1023;
END;

-- Takes one's turn there, until this transaction ends; whether it had to be waited for: who waited may no longer be who
-- they were. Nobody but the owners of this schema may take such locks.
CREATE FUNCTION api.one_at_a_time(line bigint) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF line IS NULL OR pg_try_advisory_xact_lock(line) THEN
        RETURN false;
    END IF;
    PERFORM pg_advisory_xact_lock(line);
    RETURN true;
END $$;

-- Whether a wish lies in a person's own scopes.
CREATE FUNCTION api.is_inside(who api.caller, wish api.wish) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    RETURN who.everywhere OR api.in_scope(who.id, wish.server, (wish.known).group_name)
        AND (wish.kind <> 'set_group' OR api.in_scope(who.id, wish.server, wish.body ->> 'group'));
END $$;

-- Weighs one request. `problem` says why it is refused.
CREATE FUNCTION api.weigh_request(
    who api.caller, asked public.command_kinds, id text, server text, payload text, expected_version bigint,
    now_us bigint) RETURNS api.wish
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    kind CONSTANT text := asked.kind;
    body CONSTANT jsonb := api.parsed(payload, 20000);
    wish api.wish;
    about text[];
    is_inside boolean;
BEGIN
    wish.outcome := 'refused';
    wish.problem := api.payload_problem(kind, payload, body);
    IF wish.problem IS NULL AND (id IS NULL OR id !~ '^[!-~]{8,31}$') THEN
        wish.problem := 'A command''s id has 8 to 31 letters and digits';
    END IF;
    IF wish.problem IS NOT NULL THEN
        RETURN wish;
    END IF;
    wish.id := id;
    wish.kind := kind;
    wish.server := server;
    wish.payload := payload;
    wish.body := body;
    wish.expected_version := expected_version;
    wish.terms := api.payload_hash(kind, server, payload, expected_version);
    wish.waits_us := asked.waits_us;
    wish.dispatch_within_us := asked.dispatch_within_us;
    wish.known := api.place(kind, server, body);
    is_inside := api.is_inside(who, wish);
    -- who may not ask keeps nobody waiting
    IF is_inside AND api.one_at_a_time(api.line_of(wish)) THEN
        who := api.who();
        now_us := api.clock_us();
        wish.problem := api.asking_problem(who, asked, kind, server, 'as before');
        wish.known := api.place(kind, server, body);
        is_inside := api.is_inside(who, wish);
        IF wish.problem IS NOT NULL THEN
            RETURN wish;
        END IF;
    END IF;
    wish.known := api.facts(kind, wish.known, payload, body, now_us);
    wish.title := api.title(kind, server, body, (wish.known).currency);
    about := api.subjects(kind, body);
    IF NOT is_inside THEN
        wish.problem := api.outside();
    ELSIF who.id = ANY (about) AND NOT (kind = 'cover_absence' AND who.id = about[1]) THEN
        wish.problem := 'This is about you: somebody else must ask for it';
    ELSIF kind IN ('set_book', 'set_group', 'set_leverage', 'change_balance', 'open_account', 'close_position') THEN
        wish.problem := api.platform_problem(kind, server, body, wish.known);
    ELSE
        wish.problem := api.desk_problem(who, kind, server, body);
    END IF;
    IF wish.problem IS NULL THEN
        wish.problem := api.second_problem(wish);
        IF wish.problem IS NOT NULL THEN
            wish.outcome := 'conflict';
        ELSE
            SELECT needed.asked, needed.approvals INTO wish.asked, wish.approvals
            FROM api.needed(kind, asked.always, wish.known, now_us) AS needed;
        END IF;
    END IF;
    RETURN wish;
END $$;

-- The command with this id as an answer to asking for it once more: «done» on the same terms by the same person.
CREATE FUNCTION api.same_command(who api.caller, known public.commands, terms text, OUT outcome text, OUT sentence text)
RETURNS record
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN same THEN 'done' ELSE 'conflict' END, CASE WHEN same THEN ''
        ELSE 'This command id already stands for something else' || CASE WHEN known.requested_by = who.id
            OR api.sees(known.server, known.group_name) THEN ': «' || known.title || '» by ' || known.requested_by
            ELSE '' END END
    FROM (SELECT known.payload_hash = terms AND known.requested_by = who.id AS same) AS compared;
END;

-- What the audit log tells of a payload: without a client's name, which must not outlive their erasure.
CREATE FUNCTION api.payload_to_tell(kind text, payload text, body jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN kind = 'open_account' THEN api.canonical(jsonb_set(body, '{name}', '""')) ELSE payload END;
END;

-- Enters a request that was weighed and found possible; false when the id was taken meanwhile.
CREATE FUNCTION api.enter_request(
    who api.caller, wish api.wish, reason text, batch_id text, now_us bigint, origin text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    known CONSTANT api.known := wish.known;
    needs CONSTANT text := '[' || array_to_string(wish.asked, ',') || ']';
    is_free CONSTANT boolean := wish.approvals = 0;
    entered boolean;
BEGIN
    INSERT INTO commands (id, kind, server, login, payload, payload_hash, title, reason, requested_by, requested_us,
        expires_us, expected_version, approvals_needed, needs, state, changed_us, comment, sends, stage, code, result,
        ticket, batch_id, advised, client_id, group_name, origin)
    VALUES (wish.id, wish.kind, wish.server, known.login, wish.payload, wish.terms, wish.title, reason, who.id, now_us,
        now_us + wish.waits_us, wish.expected_version, wish.approvals, needs, 'requested', now_us, '', 0, '', '', '',
        '', batch_id, known.advised, known.client_id, known.group_name, origin)
    ON CONFLICT ON CONSTRAINT pk_commands DO NOTHING
    RETURNING true INTO entered;
    IF entered IS NULL THEN
        RETURN false;
    ELSIF batch_id IS NOT NULL AND api.clock_us() > now_us + 2000 AND api.who() IS DISTINCT FROM who THEN
        -- it may have waited for a twin of the same id, and meanwhile the asker has changed; all of it is undone
        RAISE EXCEPTION 'you are no longer who you were when you asked' USING ERRCODE = 'serialization_failure';
    END IF;
    PERFORM api.write_audit(now_us, who.id, 'command requested', wish.id, wish.server, known.login, known.client_id,
        wish.kind, reason, origin, '{}', concat(
            '{"batch_id":', coalesce(to_json(batch_id)::text, 'null'),
            ',"expected_version":', coalesce(wish.expected_version::text, 'null'),
            ',"expires_us":', now_us + wish.waits_us, ',"facts":', api.facts_json(known), ',"needs":', to_json(needs),
            ',"payload":', to_json(CASE WHEN wish.kind = 'open_account'
                THEN api.payload_to_tell(wish.kind, wish.payload, wish.body) ELSE wish.payload END),
            ',"payload_hash":"', wish.terms, '","title":', to_json(wish.title), '}'));
    IF is_free THEN
        PERFORM api.move(command, 'approved', 'policy', now_us, 'no approval needed', origin, 'policy',
            now_us + wish.dispatch_within_us, false)
        FROM commands AS command WHERE command.id = wish.id;
    ELSE
        INSERT INTO change_feed (txid, table_name, server, key, at_us)
        VALUES (pg_current_xact_id()::text::bigint, 'commands', wish.server, wish.id, now_us);
    END IF;
    RETURN true;
END $$;

-- What was tried, for the audit log: the payload only where it is one of the kind's.
CREATE FUNCTION api.tried(kind text, payload text, expected_version bigint, reason text) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    body CONSTANT jsonb := api.parsed(payload, 20000);
    is_whole CONSTANT boolean := api.payload_problem(kind, payload, body) IS NULL;
BEGIN
    RETURN '{"asked_because":' || api.quoted(left(reason, 500))
        || ',"expected_version":' || coalesce(expected_version::text, 'null')
        || CASE WHEN is_whole THEN ',"payload":' || api.quoted(api.payload_to_tell(kind, payload, body)) ELSE '' END
        || '}';
END $$;

-- The client whom a refused request is about: who does not see them does not read of it.
CREATE FUNCTION api.client_told(body jsonb, known public.commands) RETURNS bigint
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE WHEN known.client_id IS NOT NULL THEN known.client_id
        WHEN body ->> 'client_id' ~ '^[0-9]{1,18}$' THEN (body ->> 'client_id')::bigint END;
END;

-- `payload` is the body as canonical JSON. Asking again with the same id and terms changes nothing. A command of a
-- batch is asked for with its batch alone: `batch_id` is empty here.
CREATE FUNCTION api.request_command(
    id text, kind text, server text, payload text, reason text, expected_version bigint, batch_id text, origin text)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who api.caller := api.who();
    now_us bigint := api.clock_us();
    why CONSTANT text := api.trimmed(reason);
    from_where CONSTANT text := left(coalesce(origin, ''), 200);
    asked command_kinds;
    known commands;
    wish api.wish;
    outcome text := 'refused';
    sentence text;
BEGIN
    SELECT * INTO asked FROM command_kinds WHERE command_kinds.kind = kind;
    sentence := api.asking_problem(who, asked, kind, server, why);
    IF sentence IS NULL AND coalesce(batch_id, '') <> '' THEN
        sentence := 'A command joins a batch only when the batch is asked for';
    END IF;
    IF sentence IS NULL THEN
        SELECT * INTO known FROM commands WHERE commands.id = id;
        IF known.id IS NULL THEN
            wish := api.weigh_request(who, asked, id, server, payload, expected_version, now_us);
            -- a twin of the same id is waited for; and who waited may no longer be who they were
            IF wish.problem IS NULL AND NOT pg_try_advisory_xact_lock(2, hashtext(id) & 1023) THEN
                PERFORM pg_advisory_xact_lock(2, hashtext(id) & 1023);
                who := api.who();
                now_us := api.clock_us();
                wish := api.weigh_request(who, asked, id, server, payload, expected_version, now_us);
                wish.problem := coalesce(api.asking_problem(who, asked, kind, server, why), wish.problem);
            END IF;
            outcome := wish.outcome;
            sentence := wish.problem;
            IF sentence IS NULL AND api.enter_request(who, wish, why, NULL, now_us, from_where) THEN
                RETURN api.outcome('done', '', id);
            ELSIF sentence IS NULL THEN
                SELECT * INTO known FROM commands WHERE commands.id = id;
            END IF;
        END IF;
        IF known.id IS NOT NULL THEN
            SELECT same.outcome, same.sentence INTO outcome, sentence FROM api.same_command(
                who, known, api.payload_hash(kind, server, payload, expected_version)) AS same;
            IF outcome = 'done' THEN
                RETURN api.outcome('done', '', id);
            END IF;
        END IF;
    END IF;
    RETURN api.refuse(outcome, sentence, who.id, 'command request refused', id, server, kind, from_where,
        api.tried(kind, payload, expected_version, why),
        api.client_told(coalesce(wish.body, api.parsed(payload, 20000)), known));
END $$;
