// Keys that find names, and entities by their Wikidata item. The next run of each case writes its keys.
CREATE CONSTRAINT namekey_id IF NOT EXISTS FOR (n:NameKey) REQUIRE n.id IS UNIQUE;
CREATE INDEX namekey_key_index IF NOT EXISTS FOR (n:NameKey) ON (n.key);
CREATE INDEX namekey_source_index IF NOT EXISTS FOR (n:NameKey) ON (n.source);
CREATE INDEX entity_wikidata_index IF NOT EXISTS FOR (n:Entity) ON (n.wikidata);
MATCH (k:Case) SET k.content_sha256 = '';
