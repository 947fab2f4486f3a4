// Tells the editor where its workers are: beside the page, as files, so that no blob and no other host is needed.
const files = { json: "json.worker.js", graphql: "graphql.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new Worker(`/graphiql/${files[label] ?? "editor.worker.js"}`),
};
