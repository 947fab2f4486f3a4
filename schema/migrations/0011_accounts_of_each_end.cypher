// An observed record names the accounts of each end apart, where they are not that end itself. The next run of each case
// and dataset writes them anew.
MATCH (k:Case) SET k.content_sha256 = '';
MATCH (d:Dataset) REMOVE d.content_sha256;
MATCH (b:Batch) SET b.derived = (b.part = 'Entity');
