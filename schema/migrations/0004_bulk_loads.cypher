// Batches of datasets, and the load that is running.
CREATE CONSTRAINT batch_id IF NOT EXISTS FOR (n:Batch) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT load_id IF NOT EXISTS FOR (n:Load) REQUIRE n.id IS UNIQUE;
CREATE INDEX batch_dataset_index IF NOT EXISTS FOR (n:Batch) ON (n.dataset);
