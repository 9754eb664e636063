-- What the connector may read from a Synapse on PostgreSQL, as grants of the database itself.
--
--   psql -d synapse -v ON_ERROR_STOP=1 -f synapse-grants.sql        as a superuser; can be run again
--
-- Two roles. waarborg_views cannot log in; it owns the views and may read the listed columns of Synapse's tables.
-- waarborg_reader logs in and may read the views and nothing below them. So neither can read content, keys, tokens or
-- password hashes, whatever the views say. The connector asks the database's catalogue about every column before every
-- batch and stops if this file is no longer the whole truth. A test compares it with crates/sources/src/synapse/allow.rs.
--
-- The password or certificate of waarborg_reader is not set here: use pg_hba.conf (peer, scram-sha-256 or cert). With "trust"
-- there every process is every role, and grants mean nothing: laboratories only.

BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'waarborg_views') THEN
        CREATE ROLE waarborg_views NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'waarborg_reader') THEN
        CREATE ROLE waarborg_reader LOGIN;
    END IF;
END
$$;
ALTER ROLE waarborg_views NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;
ALTER ROLE waarborg_reader NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
ALTER ROLE waarborg_reader SET default_transaction_read_only = on;

-- PostgreSQL before 15 lets everybody create in schema public, Synapse's own role too: there, give that role CREATE on the
-- schema again afterwards, its upgrades need it.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM waarborg_views, waarborg_reader;
GRANT USAGE ON SCHEMA public TO waarborg_views;
GRANT SELECT (user_id, device_id, ts_added_ms) ON public.e2e_device_keys_json TO waarborg_views;
GRANT SELECT (event_id, type, room_id, outlier, origin_server_ts, received_ts, sender, stream_ordering, state_key, rejection_reason) ON public.events TO waarborg_views;
GRANT SELECT (full_user_id, displayname) ON public.profiles TO waarborg_views;
GRANT SELECT (event_id, user_id, room_id, membership) ON public.room_memberships TO waarborg_views;
GRANT SELECT (version) ON public.schema_version TO waarborg_views;
GRANT SELECT (user_id, medium, address, validated_at, added_at) ON public.user_threepids TO waarborg_views;
GRANT SELECT (name, creation_ts, is_guest, deactivated, user_type, appservice_id) ON public.users TO waarborg_views;

CREATE SCHEMA IF NOT EXISTS waarborg AUTHORIZATION waarborg_views;
GRANT USAGE ON SCHEMA waarborg TO waarborg_reader;

SET LOCAL ROLE waarborg_views;
SET LOCAL search_path = public;

CREATE OR REPLACE VIEW waarborg.contacts AS
SELECT user_id, medium, address, validated_at, added_at FROM user_threepids;
GRANT SELECT ON waarborg.contacts TO waarborg_reader;

CREATE OR REPLACE VIEW waarborg.device_keys AS
SELECT user_id, device_id, ts_added_ms FROM e2e_device_keys_json;
GRANT SELECT ON waarborg.device_keys TO waarborg_reader;

CREATE OR REPLACE VIEW waarborg.events AS
SELECT e.stream_ordering, e.event_id, e.room_id, e.sender, e.origin_server_ts, e.received_ts,
    CASE WHEN e.outlier OR e.rejection_reason IS NOT NULL THEN 0 ELSE 1 END AS counted,
    CASE WHEN e.type = 'm.room.member' THEN 'membership'
         WHEN e.state_key IS NOT NULL THEN 'settings'
         WHEN e.type IN ('m.room.encrypted', 'm.room.message', 'm.sticker') THEN 'message'
         WHEN e.type IN ('m.call.invite', 'm.call.candidates', 'm.call.answer', 'm.call.select_answer',
                         'm.call.negotiate', 'm.call.reject', 'm.call.hangup') THEN 'call'
         ELSE 'other' END AS interaction,
    CASE WHEN e.type = 'm.room.encrypted' THEN 'encrypted'
         WHEN e.type IN ('m.room.message', 'm.sticker') THEN 'plain'
         ELSE 'unknown' END AS wrapping,
    m.user_id AS target, m.membership
FROM events e LEFT JOIN room_memberships m ON m.event_id = e.event_id;
GRANT SELECT ON waarborg.events TO waarborg_reader;

CREATE OR REPLACE VIEW waarborg.memberships AS
SELECT e.stream_ordering, m.room_id, m.user_id,
    CASE WHEN m.membership = 'join' THEN 1 ELSE 0 END AS joined
FROM room_memberships m JOIN events e ON e.event_id = m.event_id
WHERE NOT e.outlier AND e.rejection_reason IS NULL;
GRANT SELECT ON waarborg.memberships TO waarborg_reader;

CREATE OR REPLACE VIEW waarborg.schema_version AS
SELECT version FROM schema_version;
GRANT SELECT ON waarborg.schema_version TO waarborg_reader;

CREATE OR REPLACE VIEW waarborg.users AS
SELECT u.name, u.creation_ts,
    CASE WHEN u.appservice_id IS NOT NULL OR u.user_type = 'bot' THEN 'service'
         WHEN u.is_guest = 1 THEN 'guest'
         WHEN u.user_type = 'support' THEN 'staff'
         ELSE 'person' END AS account_kind,
    CASE WHEN u.deactivated = 1 THEN 1 ELSE 0 END AS closed,
    p.displayname AS display_name
FROM users u LEFT JOIN profiles p ON p.full_user_id = u.name;
GRANT SELECT ON waarborg.users TO waarborg_reader;

COMMIT;
