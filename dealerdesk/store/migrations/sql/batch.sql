-- Several commands of one kind on one server that are asked for and decided as one, and then done one by one.

-- Takes all turns that a batch needs, in one order for everybody: two batches that cross would wait for each other.
-- Whether one of them had to be waited for.
CREATE FUNCTION api.stand_in_lines(who api.caller, of_kind text, of_server text, members jsonb) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    wish api.wish;
    lines bigint[] := '{}';
    line bigint;
    has_waited boolean := false;
BEGIN
    wish.kind := of_kind;
    wish.server := of_server;
    FOR wish.payload IN SELECT item.value ->> 'payload' FROM jsonb_array_elements(members) AS item LOOP
        wish.body := api.parsed(wish.payload, 20000);
        IF api.payload_problem(of_kind, wish.payload, wish.body) IS NULL THEN
            wish.known := api.place(of_kind, of_server, wish.body);
            IF api.in_scope(who.id, of_server, (wish.known).group_name) THEN
                lines := lines || api.line_of(wish);
            END IF;
        END IF;
    END LOOP;
    FOR line IN SELECT DISTINCT place FROM unnest(lines) AS place WHERE place IS NOT NULL ORDER BY place LOOP
        has_waited := api.one_at_a_time(line) OR has_waited;
    END LOOP;
    RETURN has_waited;
END $$;

-- The wishes of a batch, in order of their ids, or in words why they cannot be asked for together. One client's amounts
-- add up over the batch, so that nothing becomes small by being split.
CREATE FUNCTION api.weigh_batch(
    who api.caller, kind text, server text, members jsonb, now_us bigint,
    OUT wishes api.wish[], OUT outcome text, OUT problem text) RETURNS record
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    member jsonb;
    asked command_kinds;
    wish api.wish;
    known api.known;
    keys text[] := '{}';
    key text;
BEGIN
    wishes := '{}';
    SELECT * INTO asked FROM command_kinds WHERE command_kinds.kind = weigh_batch.kind;
    IF api.stand_in_lines(who, kind, server, members) THEN
        who := api.who(); -- who waited may no longer be who they were
        now_us := api.clock_us();
        outcome := 'refused';
        problem := api.asking_problem(who, asked, kind, server, 'as before');
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;
    FOR member IN SELECT item.value FROM jsonb_array_elements(members) AS item ORDER BY item.value ->> 'id' COLLATE "C"
    LOOP
        wish := api.weigh_request(who, asked, member ->> 'id', server, member ->> 'payload',
            (member ->> 'expected_version')::bigint, now_us);
        outcome := wish.outcome;
        problem := wish.problem;
        key := CASE WHEN api.is_exclusive(wish) THEN (wish.known).login::text ELSE wish.payload END;
        IF problem IS NULL AND key = ANY (keys) THEN
            problem := 'The batch asks for the same thing twice';
        ELSIF problem IS NULL AND EXISTS (SELECT FROM commands WHERE commands.id = wish.id) THEN
            problem := 'The command id ' || wish.id || ' already stands for something else';
        END IF;
        IF problem IS NOT NULL THEN
            RETURN;
        END IF;
        keys := keys || key;
        wishes := wishes || wish;
    END LOOP;
    FOR place IN 1 .. cardinality(wishes) LOOP
        wish := wishes[place];
        known := wish.known;
        known.daily_total := known.daily_total + coalesce((
            SELECT sum(abs((other.known).amount)) FROM unnest(wishes) AS other
            WHERE other.id <> wish.id AND (other.known).client_id = known.client_id
                AND (other.known).currency = known.currency), 0);
        wish.known := known;
        wishes[place] := wish;
    END LOOP;
END $$;

-- What the wishes of a batch need together: each waits for what any of them needs, one need of a policy.
CREATE FUNCTION api.needed_together(kind text, wishes api.wish[], now_us bigint, OUT asked text[], OUT approvals integer)
RETURNS record
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    always text;
BEGIN
    SELECT command_kinds.always INTO always FROM command_kinds WHERE command_kinds.kind = kind;
    SELECT coalesce(array_agg(first.need ORDER BY first.member, first.place), '{}'),
        coalesce(max((first.need::jsonb ->> 'approvals')::integer), 0)
    INTO asked, approvals FROM (
        SELECT DISTINCT ON (need::jsonb ->> 'policy') need, member, place
        FROM unnest(wishes) WITH ORDINALITY AS wish (id, of_kind, server, payload, body, expected_version, terms, title,
                known, asked, approvals, waits_us, dispatch_within_us, outcome, problem, member)
            CROSS JOIN LATERAL api.needed(kind, always, wish.known, now_us) AS mine
            CROSS JOIN LATERAL unnest(mine.asked) WITH ORDINALITY AS listed (need, place)
        ORDER BY need::jsonb ->> 'policy', member, place
    ) AS first;
END $$;

-- Why a list of members is none, in words: [{"id", "payload", "expected_version"}, …] with at most 500.
CREATE FUNCTION api.members_problem(members jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF jsonb_typeof(members) IS DISTINCT FROM 'array' OR jsonb_array_length(members) = 0 THEN
        RETURN 'A batch needs a command';
    ELSIF jsonb_array_length(members) > 500 THEN
        RETURN 'A batch has at most 500 commands';
    ELSIF EXISTS (SELECT FROM jsonb_array_elements(members) AS member WHERE NOT CASE
            WHEN jsonb_typeof(member) = 'object' THEN
                jsonb_typeof(member -> 'id') IS NOT DISTINCT FROM 'string'
                AND jsonb_typeof(member -> 'payload') IS NOT DISTINCT FROM 'string'
                AND (coalesce(member -> 'expected_version', 'null') = 'null'
                    OR api.fits(member -> 'expected_version', 'integer'))
            ELSE false END) THEN
        RETURN 'A command of the batch is not written as it must be';
    ELSIF (SELECT count(DISTINCT member ->> 'id') FROM jsonb_array_elements(members) AS member)
        < jsonb_array_length(members) THEN
        RETURN 'A command stands twice in the batch';
    END IF;
    RETURN NULL;
END $$;

-- What an approver of a batch agrees to, over members in order of their ids.
CREATE FUNCTION api.batch_hash(members public.commands[]) RETURNS text
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN (SELECT api.sha256_hex(string_agg(member.payload_hash, E'\n' ORDER BY member.id COLLATE "C"))
        FROM unnest(members) AS member);
END $$;

-- Whether asking for a batch once more says the same as what stands under its id.
CREATE FUNCTION api.is_same_batch(who api.caller, known public.batches, kind text, server text, members jsonb)
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN known.requested_by = who.id AND (
        SELECT array_agg(commands.id || ' ' || commands.payload_hash ORDER BY commands.id COLLATE "C")
        FROM commands WHERE commands.batch_id = known.id
    ) = (
        SELECT array_agg((member ->> 'id') || ' ' || api.payload_hash(kind, server, member ->> 'payload',
            (member ->> 'expected_version')::bigint) ORDER BY member ->> 'id' COLLATE "C")
        FROM jsonb_array_elements(members) AS member);
END $$;

CREATE FUNCTION api.request_batch(
    batch_id text, kind text, server text, commands jsonb, reason text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who api.caller := api.who();
    now_us bigint := api.clock_us();
    why CONSTANT text := api.trimmed(reason);
    size CONSTANT integer := CASE WHEN jsonb_typeof(commands) = 'array' THEN jsonb_array_length(commands) ELSE 0 END;
    known batches;
    weighed record;
    together record;
    asked CONSTANT public.command_kinds := (SELECT one FROM command_kinds AS one WHERE one.kind = kind);
    outcome text := 'refused';
    sentence text := coalesce(api.asking_problem(who, asked, kind, server, why), api.members_problem(commands));
    is_wellformed boolean;
BEGIN
    IF sentence IS NULL AND (batch_id IS NULL OR batch_id !~ '^[!-~]{8,64}$') THEN
        sentence := 'A batch''s id has 8 to 64 letters and digits';
    END IF;
    is_wellformed := sentence IS NULL;
    IF is_wellformed AND NOT EXISTS (SELECT FROM batches WHERE batches.id = batch_id) THEN
        weighed := api.weigh_batch(who, kind, server, commands, now_us);
        -- the same batch asked for twice at once is entered once; who may not ask for it keeps nobody waiting
        IF weighed.problem IS NULL AND NOT pg_try_advisory_xact_lock(1, hashtext(batch_id) & 1023) THEN
            PERFORM pg_advisory_xact_lock(1, hashtext(batch_id) & 1023);
            who := api.who();
            now_us := api.clock_us();
            sentence := api.asking_problem(who, asked, kind, server, why);
            weighed := api.weigh_batch(who, kind, server, commands, now_us);
        END IF;
        IF sentence IS NULL THEN
            outcome := weighed.outcome;
            sentence := weighed.problem;
        END IF;
    END IF;
    SELECT * INTO known FROM batches WHERE batches.id = batch_id;
    IF is_wellformed AND who.problem IS NULL AND known.id IS NOT NULL THEN
        IF api.is_same_batch(who, known, kind, server, commands) THEN
            RETURN api.outcome('done', '', batch_id);
        END IF;
        outcome := 'conflict';
        sentence := 'This batch id already stands for something else' || CASE
            WHEN known.requested_by = who.id OR EXISTS (SELECT FROM public.commands AS member
                WHERE member.batch_id = known.id AND api.sees(member.server, member.group_name))
            THEN ': «' || known.title || '» by ' || known.requested_by ELSE '' END;
    END IF;
    IF sentence IS NOT NULL THEN
        RETURN api.refuse(outcome, sentence, who.id, 'batch request refused', batch_id, server, kind, origin,
            '{"asked_because":' || api.quoted(left(why, 500)) || ',"size":' || size || '}');
    END IF;
    together := api.needed_together(kind, weighed.wishes, now_us);
    PERFORM api.enter_batch(who, batch_id, weighed.wishes, together.asked, together.approvals, why, now_us,
        left(coalesce(origin, ''), 200));
    RETURN api.outcome('done', '', batch_id);
END $$;

CREATE FUNCTION api.enter_batch(
    who api.caller, batch_id text, wishes api.wish[], asked text[], approvals integer, reason text, now_us bigint,
    origin text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    wish api.wish := wishes[1];
BEGIN
    INSERT INTO batches (id, title, reason, requested_by, requested_us, size)
    VALUES (batch_id, cardinality(wishes) || ' × ' || api.words(wish.kind) || ' on '
        || coalesce(nullif(wish.server, ''), 'no server'), reason, who.id, now_us, cardinality(wishes));
    FOREACH wish IN ARRAY wishes LOOP
        wish.asked := asked;
        wish.approvals := approvals;
        IF NOT api.enter_request(who, wish, reason, batch_id, now_us, origin) THEN
            -- only a request under the same id at the same moment gets here; all of the batch is undone
            RAISE EXCEPTION 'the command id % was taken at this moment', wish.id USING ERRCODE = 'serialization_failure';
        END IF;
    END LOOP;
END $$;

-- The members of a batch that a person saw and now decides, or why that is no longer what waits. Their own decision, said
-- once more, is the same decision whatever became of the members since.
CREATE FUNCTION api.seen_members(
    who api.caller, batch_id text, batch_hash text, verdict text, OUT members public.commands[], OUT problem text)
RETURNS record
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    member commands;
    again commands[] := '{}';
    waiting commands[] := '{}';
    gone text;
BEGIN
    members := '{}';
    -- held only for whoever may decide of them: a stranger's transaction keeps nobody waiting
    IF EXISTS (SELECT FROM commands AS one WHERE one.batch_id = batch_id AND (api.capacity(
            who, one, one.needs::jsonb, api.said_of(one.id), api.clock_us())).problem IS NULL) THEN
        PERFORM FROM commands WHERE commands.batch_id = batch_id ORDER BY commands.id COLLATE "C" FOR UPDATE;
    END IF;
    FOR member IN SELECT * FROM commands WHERE commands.batch_id = batch_id ORDER BY commands.id COLLATE "C" LOOP
        members := members || member;
        IF member.state = 'requested' THEN
            waiting := waiting || member;
        ELSE
            gone := coalesce(gone, CASE WHEN api.sees(member.server, member.group_name) THEN '«' || member.title || '»'
                ELSE 'A part of it' END || ' is ' || member.state);
        END IF;
    END LOOP;
    -- only once the members are held: nobody adds a decision from here on
    FOREACH member IN ARRAY members LOOP
        IF EXISTS (SELECT FROM decisions WHERE decisions.command_id = member.id AND decisions.staff = who.id
            AND decisions.verdict = verdict) THEN
            again := again || member;
        END IF;
    END LOOP;
    IF api.is_hidden(who, members[1], api.clock_us()) THEN
        members := '{}'; -- another desk's is answered, and put on record, as one that is not there
    END IF;
    IF cardinality(members) = 0 THEN
        problem := 'There is no batch ' || coalesce(left(batch_id, 64), '');
    ELSIF cardinality(again) > 0 AND batch_hash IN (api.batch_hash(again), api.batch_hash(members)) THEN
        members := again;
    ELSIF batch_hash IS DISTINCT FROM api.batch_hash(CASE WHEN cardinality(waiting) > 0 THEN waiting ELSE members END)
    THEN
        problem := coalesce('What you saw has changed: ' || gone || '. Look at it again',
            'What you saw is not what was asked for: look at it again');
    ELSIF cardinality(waiting) > 0 THEN
        members := waiting;
    END IF;
END $$;

-- Decides all of a batch that still waits, or none of it. `batch_hash` is of those that waited on the screen.
CREATE FUNCTION api.decide_batch(batch_id text, batch_hash text, verdict text, comment text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who api.caller := api.who();
    now_us bigint := api.clock_us();
    said CONSTANT text := api.trimmed(comment);
    seen record;
    member commands;
    found record;
    outcome text := 'refused';
    sentence text := coalesce(who.problem, api.comment_problem(verdict, said));
BEGIN
    IF sentence IS NULL THEN
        seen := api.seen_members(who, batch_id, batch_hash, verdict);
        who := api.who(); -- who waited may no longer be who they were
        now_us := api.clock_us();
        sentence := coalesce(who.problem, seen.problem);
        IF sentence IS NOT NULL AND cardinality(seen.members) > 0 THEN
            outcome := 'conflict';
        END IF;
    END IF;
    IF sentence IS NULL THEN
        FOREACH member IN ARRAY seen.members LOOP
            found := api.weigh(who, member, verdict, member.payload_hash, now_us);
            outcome := found.outcome;
            sentence := found.sentence;
            EXIT WHEN sentence IS NOT NULL;
        END LOOP;
    END IF;
    IF sentence IS NOT NULL THEN
        -- filed where the batch is, so that only who sees it reads why
        RETURN api.refuse(outcome, sentence, who.id, 'batch decision refused', batch_id,
            (SELECT min(one.server) FROM commands AS one
                WHERE one.batch_id = batch_id AND NOT api.is_hidden(who, one, now_us)), '', origin,
            '{"seen":' || api.quoted(coalesce(left(batch_hash, 64), '')) || '}');
    END IF;
    FOREACH member IN ARRAY seen.members LOOP
        found := api.weigh(who, member, verdict, member.payload_hash, now_us);
        IF found.outcome IS NULL THEN
            PERFORM api.enter_decision(who, member, found.said, found.role, found.of_whom, verdict, said, now_us,
                left(coalesce(origin, ''), 200));
        END IF;
    END LOOP;
    RETURN api.outcome('done', '', batch_id);
END $$;
