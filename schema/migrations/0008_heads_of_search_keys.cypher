// What keys begin with, looked up by equality: the embedded engine reads every key for STARTS WITH.
MATCH (k:NameKey) SET k.head = substring(k.key, 0, 4);
CREATE INDEX namekey_head_index IF NOT EXISTS FOR (n:NameKey) ON (n.head);
