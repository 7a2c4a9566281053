-- One spelling for one value, the hashes over it, and the entries of the audit log.
--
-- Byte for byte what `commands/canonical.py` makes of the same value. Internal: nobody but the procedures calls these.

-- Text as JSON.
CREATE FUNCTION api.quoted(value text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(to_json(value)::text, 'null');
END;

-- JSON without spaces, members in the order of their names by code point.
CREATE FUNCTION api.canonical(value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    made text;
BEGIN
    CASE jsonb_typeof(value)
        WHEN 'object' THEN
            SELECT '{' || coalesce(string_agg(
                to_json(member.key)::text || ':' || CASE
                    WHEN jsonb_typeof(member.value) IN ('object', 'array') THEN api.canonical(member.value)
                    ELSE member.value::text
                END, ',' ORDER BY member.key COLLATE "C"), '') || '}'
            INTO made FROM jsonb_each(value) AS member;
        WHEN 'array' THEN
            SELECT '[' || coalesce(string_agg(CASE
                    WHEN jsonb_typeof(item.value) IN ('object', 'array') THEN api.canonical(item.value)
                    ELSE item.value::text
                END, ',' ORDER BY item.place), '') || ']'
            INTO made FROM jsonb_array_elements(value) WITH ORDINALITY AS item (value, place);
        ELSE
            made := value::text;
    END CASE;
    RETURN made;
END $$;

-- The value that a text spells, or nothing when it is not JSON, is too long, or holds what no text here can.
CREATE FUNCTION api.parsed(spelt text, length_max integer) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    IF spelt IS NULL OR length(spelt) > length_max THEN
        RETURN NULL;
    END IF;
    RETURN spelt::jsonb;
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;

CREATE FUNCTION api.sha256_hex(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT encode(sha256(convert_to(value, 'UTF8')), 'hex');
END;

-- Over everything that an approver agrees to: what, where, on which version of the row.
CREATE FUNCTION api.payload_hash(kind text, server text, payload text, expected_version bigint) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT encode(sha256(convert_to(
        '{"expected_version":' || coalesce(expected_version::text, 'null') || ',"kind":' || to_json(kind)::text
        || ',"payload":' || to_json(payload)::text || ',"server":' || to_json(server)::text || '}', 'UTF8')), 'hex');
END;

-- RFC 6962: a leaf's hash begins with a zero byte.
CREATE FUNCTION api.leaf_hash(entry text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT encode(sha256('\x00'::bytea || convert_to(entry, 'UTF8')), 'hex');
END;

-- An entry in the transaction of what it tells; `before` and `after` are canonical JSON objects already.
CREATE FUNCTION api.write_audit(
    at_us bigint, actor text, action text, subject text, server text, login bigint, client_id bigint, kind text,
    reason text, origin text, before text, after text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
DECLARE
    entry_id CONSTANT text := replace(gen_random_uuid()::text, '-', '');
    entry CONSTANT text := concat('{"action":', to_json(action), ',"actor":', to_json(actor), ',"after":', after,
        ',"at_us":', at_us, ',"before":', before, ',"client_id":', coalesce(client_id::text, 'null'), ',"id":"', entry_id,
        '","kind":', to_json(kind), ',"login":', coalesce(login::text, 'null'), ',"origin":', to_json(coalesce(origin, '')),
        ',"reason":', to_json(coalesce(reason, '')), ',"server":', to_json(server), ',"subject":', to_json(subject), '}');
BEGIN
    INSERT INTO audit (entry_id, at_us, actor, action, subject, server, login, entry, leaf_hash, txid, client_id, kind)
    VALUES (entry_id, at_us, actor, action, subject, server, login, entry,
        encode(sha256(decode('00', 'hex') || convert_to(entry, 'UTF8')), 'hex'), pg_current_xact_id()::text::bigint,
        client_id, kind);
END $$;

-- A line in the change feed, in the transaction of the change.
CREATE FUNCTION api.announce(changed_table text, of_server text, row_key text, at_us bigint) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    INSERT INTO change_feed (txid, table_name, server, key, at_us)
    VALUES (pg_current_xact_id()::text::bigint, changed_table, of_server, row_key, at_us);
END $$;

-- What a procedure answers.
CREATE FUNCTION api.outcome(outcome text, sentence text, id text) RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT '{"id":' || api.quoted(id) || ',"outcome":' || api.quoted(outcome)
        || ',"sentence":' || api.quoted(sentence) || '}';
END;

-- Refuses in words, on record: who tried what (`action`, such as «approval refused»), on which terms, and why not.
CREATE FUNCTION api.refuse(
    outcome text, sentence text, actor text, action text, subject text, server text, kind text, origin text, terms text,
    about_client bigint DEFAULT NULL)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
#variable_conflict use_variable
BEGIN
    PERFORM api.write_audit(api.clock_us(), actor, action, coalesce(left(subject, 64), ''),
        coalesce(left(server, 64), ''), NULL, about_client, coalesce(left(kind, 64), ''), left(sentence, 1000),
        coalesce(left(origin, 200), ''), '{}', terms);
    RETURN api.outcome(outcome, sentence, left(subject, 64));
END $$;

-- What a person wrote, without blanks around it.
CREATE FUNCTION api.trimmed(written text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT btrim(coalesce(written, ''), E' \t\n\r\f\013\034\035\036\037\u0085\u00a0\u00ad\u1680\u2000\u2001\u2002\u2003'
        '\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b\u200c\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff');
END;

CREATE FUNCTION api.capital(words text) RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT upper(left(words, 1)) || substr(words, 2);
END;
