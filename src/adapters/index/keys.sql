CREATE INDEX entries_by_finding ON entries (finding, entry) WHERE finding IS NOT NULL;
CREATE INDEX entries_by_time ON entries (at);
CREATE INDEX entries_by_change ON entries (change) WHERE change IS NOT NULL;
CREATE INDEX findings_by_state ON findings (state, severity);
