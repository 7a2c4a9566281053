-- Reading what is masked: names, contacts, documents and the keys they are encrypted under. Every read is on record.
--
-- A read goes in two steps, because what is written in a transaction that is rolled back leaves no trace: first
-- `ask_to_read` puts on record who wants to read what, and why; once that has been committed, for a minute, the thing
-- itself is given out. A read that is refused returns nothing, and the refusal is on record.

-- The roles that need to see something: a field of a client (the rights of `commands/fields.py`), 'document', or 'key'
-- (to write a contact, or a new client's name).
CREATE FUNCTION api.may_read(role text, what text) RETURNS boolean
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE what
        WHEN 'name' THEN role IN ('head_dealer', 'back_office', 'payments', 'compliance', 'supervisor', 'auditor')
        WHEN 'address' THEN role IN ('back_office', 'compliance', 'supervisor')
        WHEN 'email' THEN role IN ('back_office', 'compliance', 'supervisor')
        WHEN 'phone' THEN role IN ('back_office', 'compliance', 'supervisor')
        WHEN 'bank_account' THEN role IN ('payments', 'compliance', 'supervisor')
        WHEN 'tax_id' THEN role IN ('compliance', 'supervisor')
        WHEN 'document' THEN role IN ('compliance', 'supervisor', 'auditor')
        WHEN 'key' THEN role IN ('back_office', 'compliance')
    END IS TRUE;
END;

-- How a thing to read is filed in the audit log: «document d-7», «client 7».
CREATE FUNCTION api.filed(what text, id text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT CASE what WHEN 'document' THEN 'document ' ELSE 'client ' END || left(coalesce(id, ''), 64);
END;

-- The client whom a thing belongs to; nothing when there is no such thing.
CREATE FUNCTION api.client_of(what text, id text) RETURNS bigint
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF what = 'document' THEN
        RETURN (SELECT documents.client_id FROM documents WHERE documents.id = client_of.id);
    ELSIF id ~ '^[0-9]{1,18}$' THEN
        RETURN id::bigint;
    END IF;
    RETURN NULL;
END $$;

-- Whether what is asked for belongs to a client who is only about to come, whom no platform shows: the key is made to
-- seal the name under, and the name is read by those who may act where the account is to be opened.
CREATE FUNCTION api.is_new(person text, what text, client bigint) RETURNS boolean
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT NOT EXISTS (SELECT FROM public.clients WHERE clients.id = client)
        AND NOT EXISTS (SELECT FROM public.accounts WHERE accounts.client_id = client)
        AND CASE what
        WHEN 'key' THEN true
        WHEN 'name' THEN EXISTS (
            SELECT FROM public.commands
            WHERE commands.client_id = client AND commands.kind = 'open_account'
                AND api.in_scope(person, commands.server, commands.group_name))
        ELSE false
    END;
END;

-- Why somebody may not read something, in words; nothing when they may.
CREATE FUNCTION api.reading_problem(who api.caller, what text, id text, reason text) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    client CONSTANT bigint := api.client_of(what, id);
BEGIN
    RETURN CASE
        WHEN who.problem IS NOT NULL THEN who.problem
        WHEN NOT api.may_read(who.role, what)
            THEN api.capital(api.a_role(who.role)) || ' may not read this: ' || coalesce(left(api.words(what), 64), '')
        WHEN client IS NULL THEN 'There is no ' || api.filed(what, id)
        WHEN NOT api.client_in_scope(who.id, client) AND NOT api.is_new(who.id, what, client)
            THEN 'Client ' || client || ' is not yours to look at'
        WHEN reason = '' THEN 'Give a reason'
        WHEN length(reason) > 500 THEN 'The reason is longer than 500 characters'
    END;
END $$;

-- Step one: puts on record that somebody wants to read something.
CREATE FUNCTION api.ask_to_read(what text, id text, reason text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who CONSTANT api.caller := api.who();
    why CONSTANT text := api.trimmed(reason);
    sentence CONSTANT text := api.reading_problem(who, what, id, why);
BEGIN
    IF sentence IS NOT NULL THEN
        RETURN api.refuse('refused', sentence, who.id, 'reading refused', api.filed(what, id), '', '', origin, '{}',
            api.client_of(what, id));
    END IF;
    PERFORM api.write_audit(api.clock_us(), who.id, 'asked to read', api.filed(what, id), '', NULL,
        api.client_of(what, id), '', why, left(coalesce(origin, ''), 200), '{}', '{"what":' || api.quoted(what) || '}');
    RETURN api.outcome('done', '', id);
END $$;

-- Step two: whether the thing may be given out now; writes down that it was, or that it was not.
CREATE FUNCTION api.gives_out(what text, id text, reason text, origin text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    who CONSTANT api.caller := api.who();
    now_us CONSTANT bigint := api.clock_us();
    why CONSTANT text := api.trimmed(reason);
    sentence text := api.reading_problem(who, what, id, why);
BEGIN
    IF sentence IS NULL AND NOT EXISTS (
        SELECT FROM audit
        WHERE audit.subject = api.filed(what, gives_out.id) AND audit.actor = who.id AND audit.action = 'asked to read'
            AND audit.at_us > now_us - 60000000 AND audit.txid <> pg_current_xact_id()::text::bigint
            AND audit.entry::jsonb -> 'after' ->> 'what' = what) THEN
        sentence := 'Ask to read it first, and commit';
    END IF;
    IF sentence IS NOT NULL THEN
        PERFORM api.refuse('refused', sentence, who.id, 'reading refused', api.filed(what, id), '', '', origin, '{}',
            api.client_of(what, id));
        RETURN false;
    END IF;
    PERFORM api.write_audit(now_us, who.id, 'read', api.filed(what, id), '', NULL, api.client_of(what, id), '', why,
        left(coalesce(origin, ''), 200), '{}', '{"what":' || api.quoted(what) || '}');
    RETURN true;
END $$;

-- A client's name as {"value"}, another field as {"key", "token"}: it is decrypted at the desk; {} when nothing is known.
CREATE FUNCTION api.unmask(client_id bigint, field text, reason text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    found text;
BEGIN
    -- a document and a key are no fields of a client
    IF NOT api.gives_out(CASE WHEN field IN ('document', 'key') THEN 'nothing' ELSE field END, client_id::text, reason,
        origin) THEN
        RETURN NULL;
    ELSIF field = 'name' THEN
        SELECT '{"value":' || api.quoted(clients.name) || '}' INTO found
        FROM clients WHERE clients.id = client_id AND clients.name <> '' ORDER BY clients.server LIMIT 1;
        IF found IS NULL THEN
            -- no platform shows the name yet: it is that of the account to be opened
            SELECT '{"key":' || api.quoted(subject_keys.key) || ',"token":'
                || api.quoted(commands.payload::jsonb ->> 'name') || '}' INTO found
            FROM commands JOIN subject_keys ON subject_keys.client_id = commands.client_id
            WHERE commands.client_id = client_id AND commands.kind = 'open_account' AND subject_keys.key IS NOT NULL
            ORDER BY commands.requested_us DESC, commands.id DESC LIMIT 1;
        END IF;
    ELSE
        SELECT '{"key":' || api.quoted(subject_keys.key) || ',"token":' || api.quoted(contacts.token) || '}' INTO found
        FROM contacts JOIN subject_keys ON subject_keys.client_id = contacts.client_id
        WHERE contacts.client_id = client_id AND contacts.field = field AND subject_keys.key IS NOT NULL;
    END IF;
    RETURN coalesce(found, '{}');
END $$;

CREATE FUNCTION api.open_document(id text, reason text, origin text) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF NOT api.gives_out('document', id, reason, origin) THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT documents.content FROM documents WHERE documents.id = open_document.id);
END $$;

-- The key, hex, that a client's contacts are encrypted under; made when there is none yet, never for an erased client.
CREATE FUNCTION api.subject_key(client_id bigint, reason text, origin text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF NOT api.gives_out('key', client_id::text, reason, origin) OR coalesce(client_id, 0) <= 0 THEN
        RETURN NULL;
    END IF;
    -- two version 4 uuids hold 244 random bits; hashed, they are 256 bits that nobody can guess
    INSERT INTO subject_keys (client_id, key, made_us)
    VALUES (client_id, api.sha256_hex(gen_random_uuid()::text || gen_random_uuid()::text || client_id), api.clock_us())
    ON CONFLICT ON CONSTRAINT pk_subject_keys DO NOTHING;
    RETURN (SELECT subject_keys.key FROM subject_keys WHERE subject_keys.client_id = client_id);
END $$;

-- The key that a new client's name is sealed under, for the hub, which sends that name to the platform: of a command that
-- is being carried out and of no other.
CREATE FUNCTION api.opening_key(command_id text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    RETURN (
        SELECT subject_keys.key FROM commands JOIN subject_keys ON subject_keys.client_id = commands.client_id
        WHERE commands.id = command_id AND commands.kind = 'open_account' AND commands.state = 'dispatched');
END $$;
