-- Logins of people: made, regrouped and dropped for a command that two people let through and the hub has dispatched.
-- What is done is read from that command's payload, so the hub cannot choose a name or a group.

CREATE FUNCTION api.dispatched_payload(wanted_id text, kinds text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    found commands%ROWTYPE;
BEGIN
    SELECT * INTO found FROM commands WHERE id = wanted_id;
    IF found.id IS NULL OR found.state <> 'dispatched' OR found.kind <> ALL (kinds) THEN
        RAISE EXCEPTION 'no command of this kind is being executed under this id' USING ERRCODE = '42501';
    END IF;
    RETURN found.payload::jsonb;
END $$;

CREATE FUNCTION api.make_login(command_id text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    body jsonb := api.dispatched_payload(command_id, ARRAY['make_login', 'add_staff']);
    new_login text := body ->> 'login';
    its_group text := 'dealerdesk_' || coalesce(
        body ->> 'role', (SELECT s.role FROM staff AS s WHERE s.id = body ->> 'staff'));
BEGIN
    IF new_login !~ '^[a-z][a-z0-9_.]{1,62}$' OR new_login ~ '^(dealerdesk|pg_|postgres)' THEN
        RAISE EXCEPTION '% is no name for a person''s login', new_login USING ERRCODE = '42602';
    END IF;
    IF its_group NOT IN (SELECT g FROM unnest(api.role_groups()) AS g) THEN
        RAISE EXCEPTION 'there is no such role of staff' USING ERRCODE = '42704';
    END IF;
    -- without a password nobody signs in with it yet: `first_password`
    EXECUTE format(
        'CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 20 IN ROLE dealerdesk_staff, %I',
        new_login, its_group);
    RETURN new_login;
END $$;

CREATE FUNCTION api.role_groups() RETURNS text[] LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT ARRAY[
        'dealerdesk_dealer', 'dealerdesk_head_dealer', 'dealerdesk_back_office', 'dealerdesk_payments',
        'dealerdesk_compliance', 'dealerdesk_supervisor', 'dealerdesk_auditor', 'dealerdesk_administrator'];
END;

CREATE FUNCTION api.drop_login(command_id text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    body jsonb := api.dispatched_payload(command_id, ARRAY['drop_login']);
    old_login text := body ->> 'login';
BEGIN
    IF NOT EXISTS (SELECT 1 FROM staff_logins AS l WHERE l.login = old_login AND l.staff = body ->> 'staff') THEN
        RAISE EXCEPTION '% is not a login of %', old_login, body ->> 'staff' USING ERRCODE = '42704';
    END IF;
    PERFORM api.end_sessions(old_login);
    -- a cluster into which the database was restored may never have had it
    BEGIN
        EXECUTE format('DROP ROLE IF EXISTS %I', old_login);
    EXCEPTION WHEN dependent_objects_still_exist THEN
        -- anybody can hang default privileges on themselves: such a name stays, in no group and without a password
        EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', old_login);
        PERFORM api.put_in_group(old_login, '');
    END;
    RETURN old_login;
END $$;

-- after a change of role or of being active: how many logins of the person now agree with it
CREATE FUNCTION api.regroup_login(command_id text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    body jsonb := api.dispatched_payload(command_id, ARRAY['change_role', 'set_active']);
    one text;
    done integer := 0;
BEGIN
    FOR one IN
        SELECT l.login FROM staff_logins AS l JOIN pg_roles AS r ON r.rolname = l.login
        WHERE l.staff = body ->> 'staff' AND l.active ORDER BY l.login -- one that was dropped stays so
    LOOP
        IF body ->> 'kind' = 'set_active' THEN
            EXECUTE format(
                'ALTER ROLE %I %s', one, CASE WHEN (body ->> 'active')::boolean THEN 'LOGIN' ELSE 'NOLOGIN' END);
            IF NOT (body ->> 'active')::boolean THEN
                PERFORM api.end_sessions(one);
            END IF;
        ELSE
            PERFORM api.put_in_group(one, 'dealerdesk_' || (body ->> 'role'));
        END IF;
        done := done + 1;
    END LOOP;
    RETURN done;
END $$;

-- into the group of a role, and out of the others; without a group, out of all
CREATE FUNCTION api.put_in_group(one_login text, its_group text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old text;
BEGIN
    FOR old IN
        SELECT g.rolname FROM pg_auth_members AS m
        JOIN pg_roles AS g ON g.oid = m.roleid JOIN pg_roles AS p ON p.oid = m.member
        WHERE p.rolname = one_login AND g.rolname <> its_group
        AND (g.rolname = ANY (api.role_groups()) OR (its_group = '' AND g.rolname = 'dealerdesk_staff'))
    LOOP
        EXECUTE format('REVOKE %I FROM %I', old, one_login);
    END LOOP;
    IF its_group <> '' THEN
        EXECUTE format('GRANT %I TO %I', its_group, one_login);
    END IF;
END $$;

-- The first password of a login that was just made, as a SCRAM verifier made on the administrator's desk, so that the
-- server and its log never see the password. Once for each making: another one takes dropping and making the login anew, or
-- a restore that made it anew in another cluster.
CREATE FUNCTION api.first_password(of_login text, verifier text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    caller CONSTANT api.caller := api.who();
    found staff_logins%ROWTYPE;
    remade bigint;
    problem text;
BEGIN
    SELECT * INTO found FROM staff_logins AS l WHERE l.login = of_login AND l.active;
    -- only a restore writes under this name
    SELECT max(a.id) INTO remade FROM audit AS a
    WHERE a.action = 'login remade' AND a.subject = of_login AND a.actor = 'restore';
    problem := CASE
        WHEN caller.problem IS NOT NULL THEN caller.problem
        WHEN caller.role <> 'administrator' THEN 'Only an administrator hands out a first password'
        WHEN found.login IS NULL THEN 'There is no such login'
        WHEN found.staff = caller.id THEN 'Nobody gives a login to themselves'
        WHEN (verifier ~ '^SCRAM-SHA-256[$][0-9]{4,7}:[A-Za-z0-9+/=]{20,64}[$][A-Za-z0-9+/=]{44}:[A-Za-z0-9+/=]{44}$')
            IS NOT TRUE THEN 'A password is handed over as its SCRAM verifier only'
        -- a login of the set-up, which no command made, came with one
        WHEN (found.command_id IS NULL AND remade IS NULL) OR EXISTS (
            SELECT 1 FROM audit AS a
            WHERE a.action = 'first password set' AND a.subject = of_login AND a.id > coalesce(remade, 0)
            AND (a.entry::jsonb -> 'after' ->> 'command_id') IS NOT DISTINCT FROM found.command_id
        ) THEN 'This login has had its first password already'
        WHEN NOT EXISTS (SELECT 1 FROM pg_roles AS r WHERE r.rolname = of_login)
            THEN 'The cluster has not got this login: it must be dropped and made anew'
    END;
    IF problem IS NOT NULL THEN
        RETURN api.refuse('refused', problem, caller.id, 'first password refused', of_login, '', '', origin, '{}');
    END IF;
    PERFORM api.put_verifier(of_login, verifier);
    PERFORM api.write_audit(api.clock_us(), caller.id, 'first password set', of_login, '', NULL, NULL, '', '',
        coalesce(left(origin, 200), ''), '{}',
        api.canonical(jsonb_build_object('command_id', found.command_id, 'staff', found.staff)));
    RETURN api.outcome('done', 'The login ' || of_login || ' has its first password', of_login);
END $$;

CREATE FUNCTION api.put_verifier(of_login text, verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    EXECUTE format('ALTER ROLE %I PASSWORD %L', of_login, verifier);
END $$;
