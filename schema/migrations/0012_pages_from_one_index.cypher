// A page of the observed records of a channel is the end of an index in its order. Nothing looks an edge up by its id.
DROP INDEX amplified_id_index IF EXISTS;
DROP INDEX amplified_channel_count_index IF EXISTS;
CREATE INDEX amplified_channel_count_min_id_index IF NOT EXISTS FOR ()-[r:AMPLIFIED]-() ON (r.channel, r.count_min, r.id);
