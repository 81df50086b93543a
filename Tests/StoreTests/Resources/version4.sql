-- A store as version 4 left it.
PRAGMA application_id = 2003269491;
CREATE TABLE registrations (
    id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    user TEXT,
    number TEXT NOT NULL,
    device_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE subscriptions (
    id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    user TEXT,
    types TEXT NOT NULL,
    device_id TEXT,
    registration_id TEXT,
    session_id TEXT,
    sink TEXT NOT NULL,
    token TEXT,
    token_expires_at INTEGER,
    expires_at INTEGER,
    maximum_events INTEGER,
    initial_event INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    dialect TEXT NOT NULL,
    events_told INTEGER NOT NULL
) STRICT;
CREATE TABLE undelivered_events (
    position INTEGER NOT NULL PRIMARY KEY,
    subscription_id TEXT NOT NULL,
    session_id TEXT,
    sink TEXT NOT NULL,
    token TEXT,
    token_expires_at INTEGER,
    event TEXT NOT NULL,
    correlator TEXT NOT NULL,
    bound INTEGER NOT NULL
) STRICT;
CREATE TABLE live_calls (
    id TEXT NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    user TEXT,
    originator_address TEXT NOT NULL,
    originator_name TEXT,
    receiver_address TEXT NOT NULL,
    receiver_name TEXT,
    call_type TEXT,
    client_correlator TEXT,
    registration_id TEXT,
    device_id TEXT,
    correlator TEXT,
    offer TEXT,
    answer TEXT,
    status TEXT NOT NULL,
    sequence_number INTEGER NOT NULL,
    next_hop TEXT NOT NULL,
    call_id TEXT,
    local TEXT,
    remote TEXT,
    routes TEXT,
    target TEXT,
    local_cseq INTEGER,
    remote_cseq INTEGER
) STRICT;
ALTER TABLE live_calls ADD COLUMN direction TEXT NOT NULL DEFAULT 'outbound';
INSERT INTO live_calls VALUES
    ('m1', 'app', NULL, 'tel:+17085854001', NULL, 'tel:+17085854002', NULL, 'REGULAR', NULL, 'r1', 'd1', 'c1', NULL,
     NULL, 'Connected', 2, 'sip:192.0.2.1:5060', 'call-1', '<sip:+17085854001@operator.example>;tag=a',
     '<sip:+17085854002@ims.example>;tag=b', NULL, '<sip:192.0.2.1:5060>', 1, 0, 'inbound');
INSERT INTO registrations VALUES
    ('r1', 'app', NULL, '+17085854001', 'd1', 1782820800000000, 1782824400000000),
    ('r2', 'app', '+17085854002', '+17085854002', 'd2', 1782820800123456, 1782824400123456);
INSERT INTO subscriptions VALUES
    ('s1', 'app', NULL,
     'org.camaraproject.webrtc-events.v0.session-status org.camaraproject.webrtc-events.v0.session-invitation',
     'd1', NULL, NULL, 'https://sink.example/events', 'token', 1782824400000000, 1782824400000000, 10, 1,
     1782820800000000, 'v0.3', 3);
INSERT INTO undelivered_events VALUES
    (7, 's1', NULL, 'https://sink.example/events', NULL, NULL,
     '{"id":"e1","source":"https://gateway.example","specversion":"1.0","type":"org.camaraproject.webrtc-events.v0.subscription-ended","time":"2026-06-30T12:00:00.000Z","datacontenttype":"application/json","data":{"subscriptionId":"s1","terminationReason":"SUBSCRIPTION_EXPIRED"}}',
     'c1', 1782824400000000),
    (9, 's1', NULL, 'https://sink.example/events', 'token', 1782824400000000,
     '{"id":"e2","source":"https://gateway.example","specversion":"1.0","type":"org.camaraproject.webrtc-events.v0.session-status","time":"2026-06-30T12:00:01.000Z","datacontenttype":"application/json","data":{"subscriptionId":"s1","originatorAddress":"tel:+17085854001","receiverAddress":"tel:+17085854002","status":"Ringing","mediaSessionId":"m1","sequenceNumber":1}}',
     'c2', 1782824400000000);
PRAGMA user_version = 4;
