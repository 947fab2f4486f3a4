// Pages of the observed records of a channel come from an index in their order.
CREATE INDEX amplified_channel_count_index IF NOT EXISTS FOR ()-[r:AMPLIFIED]-() ON (r.channel, r.count_min);
