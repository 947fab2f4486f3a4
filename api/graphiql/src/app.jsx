// The GraphiQL page: posts to /graphql of the host that served it, offers the worked examples and asks nobody else.
import "./workers.js";
import "graphiql/style.css";
import "./page.css";
import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { createRoot } from "react-dom/client";

/** The list of {name, query, variables} that the server offers, or an empty list when it offers none. */
async function fetchExamples() {
  try {
    const answer = await fetch("/graphiql/examples.json");
    const examples = answer.ok ? await answer.json() : [];
    return Array.isArray(examples) ? examples : [];
  } catch {
    return []; // The page is useful without them.
  }
}

/** Variables as the editor shows them; a text stays as it was written. */
function asText(variables) {
  if (variables === undefined || variables === null) return "";
  return typeof variables === "string" ? variables : JSON.stringify(variables, null, 2);
}

/** A side panel that opens an example in a new tab, however many tabs an earlier visit left open. */
function makeExamplesPlugin(examples) {
  function Examples() {
    const { addTab } = useGraphiQLActions();
    const queryEditor = useGraphiQL((state) => state.queryEditor);
    const variableEditor = useGraphiQL((state) => state.variableEditor);
    const open = ({ query, variables }) => {
      addTab();
      queryEditor?.setValue(query);
      variableEditor?.setValue(asText(variables));
    };
    return (
      <section aria-label="Examples">
        <h2 className="graphiql-doc-explorer-title">Examples</h2>
        <ul className="throughline-examples">
          {examples.map((example) => (
            <li key={example.name}>
              <button type="button" className="graphiql-un-styled" onClick={() => open(example)}>
                {example.name}
              </button>
            </li>
          ))}
        </ul>
      </section>
    );
  }
  const Icon = () => (
    <svg viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M4 3h9l3 3v11H4zM7 9h6M7 13h6" />
    </svg>
  );
  return { title: "Examples", icon: Icon, content: Examples };
}

/** Whether an earlier visit left tabs in this browser, which then open again as they were. */
function hasEarlierTabs() {
  try {
    return localStorage.getItem("graphiql:tabState") !== null;
  } catch {
    return false; // A browser may forbid storage.
  }
}

const examples = await fetchExamples();
// The first three: more tabs than that hide each other; the panel has them all.
const tabs = examples.slice(0, 3).map(({ query, variables }) => ({ query, variables: asText(variables) }));

createRoot(document.getElementById("graphiql")).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url: "/graphql" })}
    // GraphiQL 5.4 cannot open an empty list, and shows a first tab without its variables unless told them twice.
    defaultTabs={tabs.length > 0 ? tabs : undefined}
    initialVariables={hasEarlierTabs() ? undefined : tabs[0]?.variables}
    defaultEditorToolsVisibility="variables"
    plugins={examples.length > 0 ? [HISTORY_PLUGIN, makeExamplesPlugin(examples)] : [HISTORY_PLUGIN]}
  />,
);
