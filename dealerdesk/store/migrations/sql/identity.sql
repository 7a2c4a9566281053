-- Who is asking, by the login that opened the connection, and what part of the firm they see.
--
-- A login stands for a person only while both are active; two logins of one person are one person. Nothing here can
-- be told by the caller who they are, and an old snapshot, which does not know who has left, shows nothing. Read by the
-- row policies too: there each call stands in a sub-select, so that it is made once a statement and not once a row.

CREATE SCHEMA api;

-- The database's clock in microseconds UTC: the only one that counts.
CREATE FUNCTION api.clock_us() RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
END;

CREATE FUNCTION api.person() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT staff.id
    FROM public.staff_logins JOIN public.staff ON staff.id = staff_logins.staff
    WHERE staff_logins.login = session_user AND staff_logins.active AND staff.active
        AND current_setting('transaction_isolation') = 'read committed';
END;

CREATE FUNCTION api.role() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT staff.role
    FROM public.staff_logins JOIN public.staff ON staff.id = staff_logins.staff
    WHERE staff_logins.login = session_user AND staff_logins.active AND staff.active
        AND current_setting('transaction_isolation') = 'read committed';
END;

-- The parts of the firm that the caller sees: their own, and those of active colleagues for whom they stand in now.
CREATE FUNCTION api.scopes() RETURNS TABLE (server text, group_name text)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT staff_scopes.server, staff_scopes.group_name
    FROM public.staff_scopes
    WHERE staff_scopes.staff IN (
        SELECT me.id FROM api.person() AS me (id) WHERE me.id IS NOT NULL
        UNION
        SELECT covers.absent
        FROM api.person() AS me (id)
            JOIN public.covers ON covers.cover = me.id
            JOIN public.staff ON staff.id = covers.absent AND staff.active
        WHERE api.clock_us() BETWEEN covers.from_us AND covers.until_us - 1);
END;

-- Whether the caller sees every server and group.
CREATE FUNCTION api.sees_all() RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
BEGIN
    -- most see by their own scopes, so that covers are seldom looked at
    IF EXISTS (SELECT FROM staff_logins
            JOIN staff ON staff.id = staff_logins.staff
            JOIN staff_scopes ON staff_scopes.staff = staff.id
        WHERE staff_logins.login = session_user AND staff_logins.active AND staff.active
            AND current_setting('transaction_isolation') = 'read committed'
            AND staff_scopes.server = '' AND staff_scopes.group_name = '') THEN
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT FROM api.scopes() AS scope WHERE scope.server = '' AND scope.group_name = '');
END $$;

-- The servers that the caller sees whole.
CREATE FUNCTION api.seen_servers() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT coalesce(array_agg(scope.server), '{}')
    FROM api.scopes() AS scope WHERE scope.server <> '' AND scope.group_name = '';
END;

-- The single groups that the caller sees, each as its server (empty: every one), a line feed, and its name.
CREATE FUNCTION api.seen_groups() RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT coalesce(array_agg(scope.server || E'\n' || scope.group_name), '{}')
    FROM api.scopes() AS scope WHERE scope.group_name <> '';
END;

-- Whether a person's own scopes hold a group of a server; what belongs to no server is everybody's.
CREATE FUNCTION api.in_scope(person text, of_server text, of_group text) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT of_server = '' OR EXISTS (
        SELECT FROM public.staff_scopes
        WHERE staff_scopes.staff = person
            AND staff_scopes.server IN ('', of_server)
            AND staff_scopes.group_name IN ('', of_group));
END;

-- Whether the caller sees a group of a server.
CREATE FUNCTION api.sees(of_server text, of_group text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER
BEGIN ATOMIC
    SELECT (of_server = '' AND api.person() IS NOT NULL) OR EXISTS (
        SELECT FROM api.scopes() AS scope
        WHERE scope.server IN ('', of_server) AND scope.group_name IN ('', of_group));
END;

-- Whether some account of the client is in the person's scopes; who sees everything sees clients without one too.
CREATE FUNCTION api.client_in_scope(person text, of_client bigint) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (
            SELECT FROM public.staff_scopes
            WHERE staff_scopes.staff = person AND staff_scopes.server = '' AND staff_scopes.group_name = '')
        OR EXISTS (
            SELECT FROM public.accounts
            WHERE accounts.client_id = of_client
                AND api.in_scope(person, accounts.server, accounts.group_name));
END;

-- Who is calling, and why they may not call anything (`problem`), in words. An old snapshot would not show that
-- somebody was deactivated meanwhile, or what others have asked for, so it may do nothing. `everywhere`: their own scopes
-- hold every server and group; `stands_in`: they are somebody's cover, now or at another time. Both save looking again.
CREATE TYPE api.caller AS (id text, name text, role text, problem text, everywhere boolean, stands_in boolean);

CREATE FUNCTION api.who() RETURNS api.caller
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    found api.caller;
    is_active boolean;
BEGIN
    SELECT staff.id, staff.name, staff.role, staff.active, EXISTS (SELECT FROM staff_scopes
            WHERE staff_scopes.staff = staff.id AND staff_scopes.server = '' AND staff_scopes.group_name = ''),
        EXISTS (SELECT FROM covers WHERE covers.cover = staff.id)
    INTO found.id, found.name, found.role, is_active, found.everywhere, found.stands_in
    FROM staff_logins JOIN staff ON staff.id = staff_logins.staff
    WHERE staff_logins.login = session_user AND staff_logins.active;
    IF found.id IS NULL THEN
        found.id := session_user;
        found.problem := session_user || ' is not a member of staff here';
    ELSIF NOT is_active THEN
        found.problem := found.name || ' is no longer active';
    ELSIF current_setting('transaction_isolation') <> 'read committed' THEN
        found.problem := 'Nothing is done on an old view of the database: use READ COMMITTED';
    END IF;
    RETURN found;
END $$;

-- A name of the program as people say it: «set book».
CREATE FUNCTION api.words(name text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT replace(name, '_', ' ');
END;
