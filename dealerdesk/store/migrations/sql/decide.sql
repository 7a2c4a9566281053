-- Deciding one request: approve or refuse what was seen, in a role that it takes, never one's own.

-- The members of staff whom a command is about: they do not decide it.
CREATE FUNCTION api.subjects(of_kind text, body jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN of_kind IN ('add_staff', 'change_role', 'set_scopes', 'set_active', 'make_login', 'drop_login')
            THEN ARRAY[body ->> 'staff']
        WHEN of_kind = 'cover_absence' THEN ARRAY[body ->> 'absent', body ->> 'cover']
        ELSE '{}'::text[]
    END;
END;

-- Whether a role may approve for a need at a moment: its own roles, and once it has waited, those it escalates to.
CREATE FUNCTION api.counts_for(need jsonb, role text, requested_us bigint, at_us bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT need -> 'roles' ? role OR (
        need -> 'escalate_roles' ? role
        AND at_us >= requested_us + (need ->> 'escalate_after_s')::bigint * 1000000) IS TRUE;
END;

-- What was said of a command so far: one element each of who, by whose authority, in which role, how and when.
CREATE TYPE api.said AS (people text[], owners text[], roles text[], verdicts text[], moments bigint[]);

CREATE FUNCTION api.said_of(of_command text) RETURNS api.said
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    said api.said;
BEGIN
    SELECT coalesce(array_agg(decisions.staff), '{}'),
        coalesce(array_agg(coalesce(nullif(decisions.for_staff, ''), decisions.staff)), '{}'),
        coalesce(array_agg(decisions.role), '{}'),
        coalesce(array_agg(decisions.verdict), '{}'), coalesce(array_agg(decisions.decided_us), '{}')
    INTO said FROM decisions WHERE decisions.command_id = of_command;
    RETURN said;
END $$;

-- Whether a need still lacks approvals; nobody's authority counts twice.
CREATE FUNCTION api.lacks(need jsonb, said api.said, requested_us bigint) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    owners CONSTANT text[] := said.owners;
    roles CONSTANT text[] := said.roles;
    verdicts CONSTANT text[] := said.verdicts;
    moments CONSTANT bigint[] := said.moments;
    missing integer := (need ->> 'approvals')::integer;
BEGIN
    FOR place IN 1 .. cardinality(roles) LOOP
        IF verdicts[place] = 'approve' AND (place = 1 OR owners[place] <> ALL (owners[1:place - 1]))
            AND api.counts_for(need, roles[place], requested_us, moments[place]) THEN
            missing := missing - 1;
        END IF;
    END LOOP;
    RETURN missing > 0;
END $$;

-- How much a role matters to needs at a moment: 2 while something that it may decide still lacks approvals, 1 when all
-- of that has them, 0 when nothing is its to decide.
CREATE FUNCTION api.matters(role text, needs jsonb, said api.said, requested_us bigint, now_us bigint) RETURNS integer
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    matters integer := 0;
BEGIN
    FOR place IN 0 .. jsonb_array_length(needs) - 1 LOOP
        IF api.counts_for(needs -> place, role, requested_us, now_us) THEN
            IF api.lacks(needs -> place, said, requested_us) THEN
                RETURN 2;
            END IF;
            matters := 1;
        END IF;
    END LOOP;
    RETURN matters;
END $$;

-- Whether every need has its approvals.
CREATE FUNCTION api.is_enough(needs jsonb, said api.said, requested_us bigint) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    FOR place IN 0 .. jsonb_array_length(needs) - 1 LOOP
        IF api.lacks(needs -> place, said, requested_us) THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END $$;

-- The active colleagues for whom a person stands in now.
CREATE FUNCTION api.absent(person text, now_us bigint) RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN ARRAY(
        SELECT DISTINCT staff.id FROM covers JOIN staff ON staff.id = covers.absent
        WHERE covers.cover = person AND covers.from_us <= now_us AND now_us < covers.until_us AND staff.active
        ORDER BY staff.id);
END $$;

-- Whether a role may decide a kind at all, whatever a policy says: an auditor changes nothing, an administrator has no
-- say in money, risk and clients.
CREATE FUNCTION api.may_decide(role text, of_kind text) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE role
        WHEN 'auditor' THEN false
        WHEN 'administrator' THEN of_kind IN ('add_staff', 'change_role', 'set_scopes', 'set_active', 'make_login',
            'drop_login', 'set_policy', 'cover_absence')
        ELSE true
    END;
END;

-- Whether somebody else has decided by a person's authority.
CREATE FUNCTION api.is_spent(owner text, decider text, said api.said) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    people CONSTANT text[] := said.people;
    owners CONSTANT text[] := said.owners;
BEGIN
    FOR place IN 1 .. cardinality(people) LOOP
        IF owners[place] = owner AND people[place] <> decider THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- The role in which a person decides a command and whose it is (`of`), or in words why they may not. First comes a role
-- that is still missing, then the person's own before others'; each counts within the scopes of whose it is, and once.
CREATE FUNCTION api.capacity(
    who api.caller, command public.commands, needs jsonb, said api.said, now_us bigint,
    OUT role text, OUT of_whom text, OUT problem text) RETURNS record
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    about CONSTANT text[] := api.subjects(command.kind, command.payload::jsonb);
    absent CONSTANT text[] := CASE WHEN who.stands_in THEN api.absent(who.id, now_us) ELSE '{}' END;
    owner text;
    owners_role text;
    matters integer;
    most integer := 0;
    spent text;
    is_outside boolean := false;
BEGIN
    problem := CASE
        WHEN command.requested_by = who.id THEN 'You asked for this yourself: somebody else must decide it'
        WHEN who.id = ANY (about) THEN 'This is about you: somebody else must decide it'
        WHEN command.requested_by = ANY (absent) THEN 'You stand in for ' || command.requested_by
            || ', who asked for this: somebody else must decide it'
    END;
    IF problem IS NOT NULL THEN
        RETURN;
    END IF;
    FOREACH owner IN ARRAY who.id || absent LOOP
        owners_role := who.role;
        IF owner <> who.id THEN
            SELECT staff.role INTO owners_role FROM staff WHERE staff.id = owner;
        END IF;
        CONTINUE WHEN owner = ANY (about) OR NOT api.may_decide(owners_role, command.kind);
        matters := api.matters(owners_role, needs, said, command.requested_us, now_us);
        CONTINUE WHEN matters = 0;
        IF NOT (owner = who.id AND who.everywhere OR api.reaches(owner, command)) THEN
            is_outside := true;
        ELSIF api.is_spent(owner, who.id, said) THEN
            spent := coalesce(spent, owner);
        ELSIF matters > most THEN
            most := matters;
            role := owners_role;
            of_whom := owner;
        END IF;
    END LOOP;
    IF role IS NULL AND spent IS NOT NULL THEN
        problem := 'This was decided with ' || spent || '''s authority already';
    ELSIF role IS NULL AND is_outside THEN
        problem := api.outside();
    ELSIF role IS NULL THEN
        problem := api.capital(api.a_role(who.role)) || ' cannot decide this: it takes '
            || api.a(api.takes(command, now_us));
    END IF;
END $$;

-- Whether a command lies in a person's own scopes: by its place, or where it has none by the client it is about.
CREATE FUNCTION api.reaches(person text, command public.commands) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT CASE WHEN command.server = '' AND command.client_id IS NOT NULL
        THEN api.client_in_scope(person, command.client_id)
        ELSE api.in_scope(person, command.server, command.group_name) END;
END;

CREATE FUNCTION api.outside() RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT 'This is outside the servers and groups that you may act on';
END;

-- The roles that a command takes now, as people say them.
CREATE FUNCTION api.takes(command public.commands, now_us bigint) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN coalesce((
        SELECT string_agg(
            DISTINCT api.role_words(role.value) COLLATE "C", ' or ' ORDER BY api.role_words(role.value) COLLATE "C")
        FROM jsonb_array_elements(command.needs::jsonb) AS need,
            jsonb_array_elements_text(need.value -> 'roles' || coalesce(need.value -> 'escalate_roles', '[]')) AS role
        WHERE api.counts_for(need.value, role.value, command.requested_us, now_us)), 'nobody');
END $$;

-- Whether a decision may be made: `outcome` is «done» when it was made before, nothing when it may be made in `role`.
CREATE FUNCTION api.weigh(
    who api.caller, command public.commands, verdict text, seen text, now_us bigint,
    OUT outcome text, OUT sentence text, OUT role text, OUT of_whom text, OUT said api.said) RETURNS record
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    held record;
    mine text;
BEGIN
    said := api.said_of(command.id);
    held := api.capacity(who, command, command.needs::jsonb, said, now_us);
    role := held.role;
    of_whom := held.of_whom;
    sentence := held.problem;
    outcome := 'refused';
    mine := (said).verdicts[array_position((said).people, who.id)];
    IF sentence IS NOT NULL THEN
        RETURN;
    ELSIF seen IS DISTINCT FROM command.payload_hash THEN
        outcome := 'conflict';
        sentence := 'What you saw is not what was asked for: look at it again';
    ELSIF mine = verdict THEN
        outcome := 'done';
    ELSIF command.state <> 'requested' THEN
        outcome := 'conflict';
        sentence := 'Somebody else was first: «' || command.title || '» is ' || command.state
            || coalesce(' by ' || command.decided_by, '');
    ELSIF now_us >= command.expires_us THEN
        sentence := '«' || command.title || '» has waited too long and can no longer be decided';
    ELSIF mine IS NOT NULL THEN
        sentence := CASE mine WHEN 'approve' THEN 'You have approved this already'
            ELSE 'You have refused this already' END;
    ELSE
        outcome := NULL;
    END IF;
END $$;

-- Moves a command on: the row, the audit entry, the feed. Only these columns change with a decision.
CREATE FUNCTION api.move(
    command public.commands, to_state text, actor text, now_us bigint, reason text, origin text, decided_by text,
    deadline_us bigint, is_settled boolean) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    changed text := ',"payload_hash":"' || command.payload_hash || '"'
        || CASE WHEN is_settled THEN ',"settled_us":' || now_us ELSE '' END || ',"state":"' || to_state || '"}';
BEGIN
    IF decided_by IS NOT NULL THEN
        changed := '"comment":' || api.quoted(reason)
            || CASE WHEN deadline_us IS NOT NULL THEN ',"deadline_us":' || deadline_us ELSE '' END
            || ',"decided_by":' || api.quoted(decided_by) || ',"decided_us":' || now_us || changed;
        UPDATE commands SET state = to_state, changed_us = now_us, decided_by = move.decided_by, decided_us = now_us,
            comment = reason, deadline_us = move.deadline_us, settled_us = CASE WHEN is_settled THEN now_us END
        WHERE commands.id = command.id;
    ELSE
        changed := substr(changed, 2);
        UPDATE commands SET state = to_state, changed_us = now_us, settled_us = CASE WHEN is_settled THEN now_us END
        WHERE commands.id = command.id;
    END IF;
    PERFORM api.write_audit(now_us, actor, 'command ' || to_state, command.id, command.server, command.login,
        command.client_id, command.kind, reason, origin, '{"state":"' || command.state || '"}', '{' || changed);
    INSERT INTO change_feed (txid, table_name, server, key, at_us)
    VALUES (pg_current_xact_id()::text::bigint, 'commands', command.server, command.id, now_us);
END $$;

-- Writes a decision that may be made, and lets the command through when nothing is missing any more.
CREATE FUNCTION api.enter_decision(
    who api.caller, command public.commands, before api.said, role text, of_whom text, verdict text, comment text,
    now_us bigint, origin text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    within_us bigint;
    said api.said;
BEGIN
    INSERT INTO decisions (command_id, staff, for_staff, role, verdict, payload_hash, comment, decided_us)
    VALUES (command.id, who.id, of_whom, role, verdict, command.payload_hash, comment, now_us);
    said := ((before).people || who.id, (before).owners || of_whom, (before).roles || role,
        (before).verdicts || verdict, (before).moments || now_us);
    IF verdict = 'refuse' THEN
        PERFORM api.move(command, 'refused', who.id, now_us, comment, origin, who.id, NULL, true);
    ELSIF api.is_enough(command.needs::jsonb, said, command.requested_us) THEN
        SELECT dispatch_within_us INTO STRICT within_us FROM command_kinds WHERE command_kinds.kind = command.kind;
        PERFORM api.move(
            command, 'approved', who.id, now_us, comment, origin, who.id, now_us + within_us, false);
    ELSE
        PERFORM api.write_audit(now_us, who.id, 'command approved by one', command.id, command.server, command.login,
            command.client_id, command.kind, comment, origin, '{}',
            '{"for_staff":' || to_json(of_whom)::text || ',"payload_hash":"' || command.payload_hash
                || '","role":"' || role || '"}');
        PERFORM api.announce('commands', command.server, command.id, now_us);
    END IF;
END $$;

-- What is wrong with a verdict and its comment, in words.
CREATE FUNCTION api.comment_problem(verdict text, comment text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN verdict IS NULL OR verdict NOT IN ('approve', 'refuse') THEN 'A request is approved or refused'
        WHEN length(comment) > 500 THEN 'The reason is longer than 500 characters'
        WHEN verdict = 'refuse' AND comment = '' THEN 'Give a reason'
    END;
END;

-- How a decision that was refused stands in the audit log.
CREATE FUNCTION api.refused_decision(verdict text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE verdict WHEN 'approve' THEN 'approval refused' ELSE 'refusal refused' END;
END;

-- Whether a command is neither a person's to see nor theirs to decide.
CREATE FUNCTION api.is_hidden(who api.caller, one commands, now_us bigint) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF one.id IS NULL OR one.requested_by = who.id OR api.sees(one.server, one.group_name) THEN
        RETURN false;
    END IF;
    RETURN (api.capacity(who, one, one.needs::jsonb, api.said_of(one.id), now_us)).problem IS NOT NULL;
END $$;

-- `verdict` is approve or refuse; `payload_hash` is of what was on the screen, and may be left out of a refusal.
CREATE FUNCTION api.decide_command(id text, verdict text, payload_hash text, comment text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who api.caller := api.who();
    now_us bigint := api.clock_us();
    said CONSTANT text := api.trimmed(comment);
    command commands;
    seen text;
    state text;
    weighed record;
    outcome text := 'refused';
    sentence text := who.problem;
BEGIN
    IF sentence IS NULL THEN
        SELECT * INTO command FROM commands WHERE commands.id = decide_command.id;
        IF api.is_hidden(who, command, now_us) THEN
            command := NULL; -- another desk's is answered, and put on record, as one that is not there
        END IF;
        sentence := CASE
            WHEN command.id IS NULL THEN 'There is no command ' || coalesce(left(id, 64), '')
            WHEN command.batch_id IS NOT NULL
                THEN '«' || command.title || '» is part of a batch: decide the batch as one'
        END;
    END IF;
    IF sentence IS NULL THEN
        seen := CASE WHEN verdict = 'refuse' THEN coalesce(payload_hash, command.payload_hash) ELSE payload_hash END;
        weighed := api.weigh(who, command, verdict, seen, now_us);
        IF weighed.outcome IS NULL THEN
            -- held only for whoever may decide it: a stranger's transaction keeps nobody waiting
            SELECT commands.state INTO state FROM commands WHERE commands.id = command.id FOR UPDATE SKIP LOCKED;
            IF NOT FOUND THEN
                SELECT commands.state INTO state FROM commands WHERE commands.id = command.id FOR UPDATE;
                -- who waited may no longer be who they were, and the request may have waited too long
                who := api.who();
                now_us := api.clock_us();
                SELECT * INTO command FROM commands WHERE commands.id = command.id;
                weighed := api.weigh(who, command, verdict, seen, now_us);
            -- where one approval is enough, any decision would have changed the state
            ELSIF state <> command.state
                OR (command.approvals_needed > 1 AND api.said_of(command.id) IS DISTINCT FROM weighed.said) THEN
                SELECT * INTO command FROM commands WHERE commands.id = command.id;
                weighed := api.weigh(who, command, verdict, seen, now_us); -- somebody was quicker
            END IF;
        END IF;
        outcome := CASE WHEN who.problem IS NULL THEN weighed.outcome ELSE 'refused' END;
        sentence := coalesce(who.problem, weighed.sentence);
    END IF;
    IF sentence IS NULL AND api.comment_problem(verdict, said) IS NOT NULL THEN
        outcome := 'refused';
        sentence := api.comment_problem(verdict, said);
    END IF;
    IF sentence IS NOT NULL THEN
        RETURN api.refuse(outcome, sentence, who.id, api.refused_decision(verdict), id, command.server, command.kind,
            origin, '{"seen":' || api.quoted(coalesce(left(payload_hash, 64), '')) || '}', command.client_id);
    ELSIF outcome IS NULL THEN
        PERFORM api.enter_decision(who, command, weighed.said, weighed.role, weighed.of_whom, verdict, said, now_us,
            left(coalesce(origin, ''), 200));
    END IF;
    RETURN api.outcome('done', '', id);
END $$;
