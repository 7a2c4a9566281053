-- What makes no sense now on staff, policies, clients and lost commands, in a person's words: the sentences of the checks
-- in `commands/desk_checks.py`. What only the doing itself can show is checked there once more.

-- Why a request to the database makes no sense; nothing when it does.
CREATE FUNCTION api.desk_problem(who api.caller, of_kind text, of_server text, body jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF of_kind = 'settle_unknown' THEN
        RETURN api.settling_problem(of_server, body);
    ELSIF of_server <> '' THEN
        RETURN 'This is not done on a server: ' || of_server;
    END IF;
    RETURN CASE
        WHEN body ? 'client_id' THEN api.client_problem(who, of_kind, body)
        WHEN of_kind = 'cover_absence' THEN api.cover_problem(who, body)
        WHEN of_kind = 'set_policy' THEN api.policy_problem(body)
        WHEN of_kind = 'add_staff' THEN api.new_person_problem(body)
        ELSE api.person_problem(of_kind, body)
    END;
END $$;

CREATE FUNCTION api.settling_problem(of_server text, body jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    lost CONSTANT text := body ->> 'command_id';
    state text;
BEGIN
    SELECT commands.state INTO state FROM commands WHERE commands.id = lost AND commands.server = of_server;
    RETURN CASE
        WHEN state IS NULL THEN 'There is no command ' || lost || ' on ' || of_server
        WHEN state <> 'unknown' THEN 'Command ' || lost || ' is ' || state || ': there is nothing to settle'
        WHEN api.trimmed(body ->> 'evidence') = '' OR length(body ->> 'evidence') > 500
            THEN 'Say where you looked and what you saw'
    END;
END $$;

CREATE FUNCTION api.client_problem(who api.caller, of_kind text, body jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    client CONSTANT bigint := (body ->> 'client_id')::bigint;
BEGIN
    RETURN CASE
        WHEN NOT EXISTS (SELECT FROM clients WHERE clients.id = client) THEN 'There is no client ' || client
        WHEN NOT api.client_in_scope(who.id, client) THEN 'Client ' || client || ' is not yours to act on'
        WHEN of_kind = 'rate_client' THEN CASE WHEN EXISTS (SELECT FROM client_ratings
            WHERE client_ratings.client_id = client AND client_ratings.rating = body ->> 'rating')
            THEN 'Client ' || client || ' is rated ' || (body ->> 'rating') || ' already' END
        WHEN EXISTS (SELECT FROM subject_keys
            WHERE subject_keys.client_id = client AND subject_keys.destroyed_us IS NOT NULL)
            THEN 'Client ' || client || ' was erased'
        WHEN of_kind = 'set_contact' AND NOT api.is_sealed(body ->> 'token', 4000)
            THEN 'A contact is sealed under the client''s key before it is asked for'
    END;
END $$;

CREATE FUNCTION api.new_person_problem(body jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    person CONSTANT text := body ->> 'staff';
    name CONSTANT text := body ->> 'name';
BEGIN
    RETURN CASE
        WHEN person !~ '^[a-z][a-z0-9._-]{1,30}$' OR person IN ('policy', 'hub', 'setup', 'system', 'restore')
            THEN person || ' cannot be a person''s id: small letters and digits, at most 31'
        WHEN EXISTS (SELECT FROM staff WHERE staff.id = person) THEN person || ' is a member of staff already'
        WHEN api.trimmed(name) = '' OR length(name) > 128 OR api.has_controls(name)
            THEN 'A new member of staff needs a name'
        ELSE coalesce(api.scopes_problem(body -> 'scopes'),
            CASE WHEN body ->> 'login' <> '' THEN api.login_problem(body ->> 'login', person) END)
    END;
END $$;

-- What changes a member of staff: the same once more, and what would leave nobody to administrate, makes no sense.
CREATE FUNCTION api.person_problem(of_kind text, body jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    person CONSTANT text := body ->> 'staff';
    known staff;
BEGIN
    IF of_kind = 'drop_login' THEN
        RETURN CASE WHEN NOT EXISTS (SELECT FROM staff_logins
            WHERE staff_logins.login = body ->> 'login' AND staff_logins.staff = person AND staff_logins.active)
            THEN person || ' does not sign in as ' || (body ->> 'login') END;
    END IF;
    SELECT * INTO known FROM staff WHERE staff.id = person;
    RETURN CASE
        WHEN known.id IS NULL THEN person || ' is not a member of staff here'
        WHEN of_kind = 'make_login' THEN api.login_problem(body ->> 'login', person)
        WHEN of_kind = 'set_scopes' THEN coalesce(api.scopes_problem(body -> 'scopes'),
            CASE WHEN api.has_scopes(person, body -> 'scopes') THEN person || ' has that scope already' END)
        WHEN of_kind = 'change_role' AND known.role = body ->> 'role'
            THEN person || ' is ' || api.a_role(known.role) || ' already'
        WHEN of_kind = 'set_active' AND known.active = (body ->> 'active')::boolean
            THEN person || ' is ' || CASE WHEN known.active THEN '' ELSE 'not ' END || 'active already'
        WHEN known.role = 'administrator' AND known.active AND (body ->> 'active')::boolean IS NOT TRUE
            AND NOT EXISTS (SELECT FROM staff
                WHERE staff.role = 'administrator' AND staff.active AND staff.id <> person)
            THEN person || ' is the last administrator'
    END;
END $$;

CREATE FUNCTION api.has_controls(written text) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT written ~ E'[\\u0001-\\u001f\\u007f-\\u009f]';
END;

CREATE FUNCTION api.scopes_problem(scopes jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE
        WHEN jsonb_array_length(scopes) = 0 THEN 'Say which servers and groups'
        WHEN (SELECT count(DISTINCT scope.value) FROM jsonb_array_elements(scopes) AS scope)
            < jsonb_array_length(scopes) THEN 'The same server and group is named twice'
        WHEN EXISTS (SELECT FROM jsonb_array_elements(scopes) AS scope
            WHERE api.has_controls((scope.value ->> 'server') || (scope.value ->> 'group')))
            THEN 'A server''s or group''s name holds no control characters'
    END;
END;

-- Whether these scopes are a person's, no more and no fewer.
CREATE FUNCTION api.has_scopes(person text, scopes jsonb) RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('server', staff_scopes.server, 'group', staff_scopes.group_name)
            ORDER BY staff_scopes.server COLLATE "C", staff_scopes.group_name COLLATE "C"), '[]')
        FROM staff_scopes WHERE staff_scopes.staff = person)
        = (SELECT coalesce(jsonb_agg(scope.value
            ORDER BY scope.value ->> 'server' COLLATE "C", scope.value ->> 'group' COLLATE "C"), '[]')
        FROM jsonb_array_elements(scopes) AS scope);
END $$;

-- Why a login cannot be made for a person: not spelt like one, the database's own, or taken.
CREATE FUNCTION api.login_problem(login text, person text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    known staff_logins;
BEGIN
    IF login !~ '^[a-z][a-z0-9_]{1,30}$' OR login ~ '^(dealerdesk|pg_|postgres|rds|public|none)' THEN
        RETURN login || ' cannot be a login: small letters, digits and underscores, at most 31';
    END IF;
    SELECT * INTO known FROM staff_logins WHERE staff_logins.login = login;
    RETURN CASE WHEN known.active OR known.staff <> person THEN 'The login ' || login || ' is ' || known.staff || '''s' END;
END $$;

CREATE FUNCTION api.policy_problem(body jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    name CONSTANT text := body ->> 'policy';
    of_kind CONSTANT text := body ->> 'of_kind';
    known policies;
BEGIN
    IF name !~ '^[a-z][a-z0-9-]{1,62}$' THEN
        RETURN name || ' cannot be a policy''s name: small letters, digits and hyphens';
    ELSIF NOT EXISTS (SELECT FROM command_kinds WHERE command_kinds.kind = of_kind) THEN
        RETURN 'There is no kind of command «' || of_kind || '»';
    END IF;
    SELECT * INTO known FROM policies WHERE policies.id = name ORDER BY policies.version DESC LIMIT 1;
    RETURN CASE
        WHEN known.kind <> of_kind THEN 'Policy ' || name || ' is for ' || api.words(known.kind)
        WHEN jsonb_typeof(body -> 'rule') <> 'null' THEN api.rule_problem(body -> 'rule', of_kind)
        WHEN coalesce(known.rule, 'null') = 'null' THEN 'There is no policy ' || name || ' to end'
    END;
END $$;

-- Why a rule cannot hold; that it asks for one or two approvals of known roles is seen by its shape.
CREATE FUNCTION api.rule_problem(rule jsonb, of_kind text) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    roles CONSTANT jsonb := (rule -> 'roles') || (rule -> 'escalate_roles');
BEGIN
    RETURN CASE
        WHEN roles ? 'auditor' THEN 'A policy names roles that may decide'
        WHEN roles ? 'administrator' AND NOT api.may_decide('administrator', of_kind)
            THEN 'An administrator decides nothing that moves money or risk'
        WHEN (jsonb_typeof(rule -> 'escalate_after_s') = 'null') <> (rule -> 'escalate_roles' = '[]')
            THEN 'To escalate takes a time and the roles that may decide then'
        WHEN (rule ->> 'escalate_after_s')::numeric > 366 * 86400 THEN 'An escalation waits a year at most'
        WHEN (rule ->> 'leverage_min')::numeric < 0
            OR EXISTS (SELECT FROM jsonb_each_text(coalesce(nullif(rule -> 'amounts_min', 'null'), '{}')) AS bound
                WHERE bound.value::numeric < 0)
            OR EXISTS (SELECT FROM jsonb_each_text(coalesce(nullif(rule -> 'daily_totals_min', 'null'), '{}')) AS bound
                WHERE bound.value::numeric < 0)
            THEN 'A limit is a number that is never below zero'
    END;
END $$;

CREATE FUNCTION api.cover_problem(who api.caller, body jsonb) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    lasts_us CONSTANT bigint := (body ->> 'until_us')::bigint - (body ->> 'from_us')::bigint;
    absent staff;
    cover staff;
BEGIN
    IF body ->> 'absent' <> who.id AND who.role <> 'administrator' THEN
        RETURN 'Ask for your own absence to be covered; an administrator asks for others';
    END IF;
    SELECT * INTO absent FROM staff WHERE staff.id = body ->> 'absent';
    SELECT * INTO cover FROM staff WHERE staff.id = body ->> 'cover';
    RETURN CASE
        WHEN absent.id IS NULL THEN (body ->> 'absent') || ' is not a member of staff here'
        WHEN cover.id IS NULL THEN (body ->> 'cover') || ' is not a member of staff here'
        WHEN absent.id = cover.id THEN 'Nobody covers their own absence'
        WHEN NOT absent.active THEN absent.name || ' is no longer active'
        WHEN NOT cover.active THEN cover.name || ' is no longer active'
        WHEN 'auditor' IN (absent.role, cover.role) THEN 'An auditor decides nothing: there is nothing to cover'
        WHEN lasts_us <= 0 OR lasts_us > 366 * 86400000000 THEN 'An absence ends after it begins, within a year'
    END;
END $$;
