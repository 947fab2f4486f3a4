// Draws the table of relations of an explorer's page, so that without this script nothing is missing.
import cytoscape from "cytoscape";

const SHAPES = {
  official: "ellipse", influencer: "ellipse", person: "ellipse", group: "hexagon", account: "octagon",
  channel: "diamond", content: "rectangle", tour: "triangle", event: "triangle", place: "vee",
};
const LIMIT = 40;
// Beyond this many a force layout takes seconds, and rings are calmer to read.
const MOST_FORCED = 300;
const NEIGHBOURHOOD = `query Expand($id: ID!, $limit: Int!) {
  neighbourhood(id: $id, limit: $limit) {
    total shown
    edges { id basis verb contested count { text } from { __typename id name } to { __typename id name } }
  }
}`;

for (const figure of document.querySelectorAll("figure[data-drawing]")) draw(figure);

function draw(figure) {
  const table = figure.nextElementSibling.querySelector("table[data-edges]");
  const root = figure.dataset.drawing;
  const place = `throughline ${location.pathname}${location.search}`;
  const kept = recall(place);
  const canvas = make("div", { className: "canvas", role: "img", ariaLabel: figure.textContent.trim() });
  const chooser = make("select", { ariaLabel: "Entity in the drawing" });
  const told = make("p", { className: "chosen", role: "status" });
  const open = make("a", { textContent: "Open its page" });
  const buttons = make("div", { className: "buttons", role: "group", ariaLabel: "The drawing" });
  figure.append(canvas, buttons, told);

  const cy = cytoscape({
    container: canvas,
    elements: readTable(table),
    style: makeStyle(),
    layout: { name: "preset" },
    wheelSensitivity: 0.3,
    textureOnViewport: true,
    hideEdgesOnViewport: false,
    minZoom: 0.1,
    maxZoom: 4,
    // The page scrolls with the wheel until somebody clicks into the drawing.
    userZoomingEnabled: false,
  });
  figure.cy = cy; // for whoever looks from outside, tests among them

  const button = (words, act) => {
    const made = make("button", { type: "button", textContent: words });
    made.addEventListener("click", act);
    buttons.append(made);
    return made;
  };
  buttons.append(chooser);
  button("Expand", () => expand(chosen()));
  button("Collapse", () => collapse(chosen()));
  const pin = button("Pin", () => togglePin(chosen()));
  button("Zoom in", () => zoom(1.3));
  button("Zoom out", () => zoom(1 / 1.3));
  button("Show all", () => cy.fit(undefined, 20));
  button("Lay out anew", () => { forget(place); cy.nodes().unlock().removeClass("pinned"); layOut(new Set()); say("Laid out anew"); });
  button("PNG", () => save("png", cy.png({ output: "blob", scale: 2, full: true, bg: colour("--paper") })));
  button("SVG", () => save("svg", new Blob([writeSvg()], { type: "image/svg+xml" })));
  button("GEXF", () => save("gexf", new Blob([writeGexf()], { type: "application/gexf+xml" })));
  buttons.append(open);

  chooser.addEventListener("change", () => choose(chosen()));
  cy.on("tap", "node", (event) => choose(event.target));
  cy.on("dblclick dbltap", "node", (event) => expand(event.target));
  cy.on("tap", () => cy.userZoomingEnabled(true));
  canvas.addEventListener("mouseleave", () => cy.userZoomingEnabled(false));
  cy.on("dragfree", "node", remember);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => cy.style(makeStyle()));

  for (const node of cy.nodes()) if (kept.pinned?.includes(node.id())) node.addClass("pinned");
  layOut(new Set(Object.keys(kept.positions ?? {})));
  for (const node of cy.nodes(".pinned")) node.lock();
  listNodes();
  choose(cy.getElementById(root).nonempty() ? cy.getElementById(root) : cy.nodes().first());

  function chosen() { return cy.getElementById(chooser.value); }

  function choose(node) {
    chooser.value = node.id();
    cy.elements().removeClass("chosen");
    node.addClass("chosen");
    open.href = node.data("address");
    pin.textContent = node.locked() ? "Unpin" : "Pin";
    pin.setAttribute("aria-pressed", String(node.locked()));
    say(`${node.data("name")}: ${node.degree()} relations drawn`);
  }

  function say(words) { told.textContent = words; }

  function zoom(factor) {
    cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  }

  function togglePin(node) {
    if (node.locked()) node.unlock().removeClass("pinned");
    else node.lock().addClass("pinned");
    remember();
    choose(node);
  }

  async function expand(node) {
    say(`Looking around ${node.data("name")}`);
    let answer;
    try {
      const response = await fetch("/graphql", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ query: NEIGHBOURHOOD, variables: { id: node.id(), limit: LIMIT } }),
      });
      answer = await response.json();
    } catch {
      say("The server did not answer; try again in a moment");
      return;
    }
    if (answer.errors || !answer.data.neighbourhood) {
      say(answer.errors?.[0].message ?? "Nothing more is known here");
      return;
    }
    const found = answer.data.neighbourhood;
    const before = new Set(cy.nodes().map((each) => each.id()));
    cy.batch(() => {
      for (const edge of found.edges) {
        for (const end of [edge.from, edge.to]) {
          if (cy.getElementById(end.id).empty()) {
            const kind = end.__typename.toLowerCase();
            const added = cy.add(makeNode(end.id, end.name, kind, addressOf(kind, end.id)));
            added.data("by", node.id());
            added.position({ ...node.position() });
          }
        }
        if (cy.getElementById(`edge ${edge.id}`).empty()) {
          cy.add(makeEdge(edge.id, edge.from.id, edge.to.id, edge.basis.toLowerCase(),
            edge.verb.replaceAll("_", " ").toLowerCase(), edge.count?.text, edge.contested));
        }
      }
    });
    layOut(before);
    listNodes();
    choose(node);
    const more = found.total > found.shown ? `; ${found.shown} of ${found.total} neighbours were asked for` : "";
    say(`${cy.nodes().length - before.size} entities added around ${node.data("name")}${more}`);
  }

  function collapse(node) {
    const gone = cy.collection();
    const below = (id) => cy.nodes().forEach((each) => {
      if (each.data("by") === id && !gone.contains(each)) { gone.merge(each); below(each.id()); }
    });
    below(node.id());
    cy.remove(gone);
    listNodes();
    choose(node);
    say(`${gone.length} entities taken away again`);
  }

  function listNodes() {
    const value = chooser.value;
    chooser.replaceChildren(...cy.nodes().map((each) => make("option", { value: each.id(), textContent: each.data("name") })));
    if (value) chooser.value = value;
  }

  // What has a place keeps it. The rest begins on rings around the first, by the order of the table: the same each time.
  function layOut(placed) {
    const fresh = cy.nodes().filter((node) => !placed.has(node.id()));
    cy.nodes().forEach((node) => {
      const known = kept.positions?.[node.id()];
      if (known && placed.has(node.id()) && !node.data("by")) node.position({ ...known });
    });
    if (fresh.empty()) { cy.fit(undefined, 20); return; }
    fresh.forEach((node, index) => {
      const around = node.data("by") ? cy.getElementById(node.data("by")).position() : { x: 0, y: 0 };
      const angle = index * 2.39996; // the golden angle: no two on one ray
      const radius = node.id() === root ? 0 : 120 + 22 * Math.sqrt(index);
      node.position({ x: around.x + radius * Math.cos(angle), y: around.y + radius * Math.sin(angle) });
    });
    const stay = cy.nodes().filter((node) => placed.has(node.id()) && !node.locked());
    stay.lock();
    if (cy.nodes().length <= MOST_FORCED) {
      cy.layout({ name: "cose", randomize: false, animate: false, fit: false, idealEdgeLength: 190, nodeRepulsion: 400000, nodeOverlap: 30, componentSpacing: 120 }).run();
    }
    stay.unlock();
    cy.fit(undefined, 20);
    remember();
  }

  function remember() {
    const positions = Object.fromEntries(cy.nodes().filter((node) => !node.data("by")).map((node) => [node.id(), node.position()]));
    kept.positions = positions;
    kept.pinned = cy.nodes(".pinned").map((node) => node.id());
    try { localStorage.setItem(place, JSON.stringify(kept)); } catch { /* a browser that keeps nothing draws anew */ }
  }

  function forget() {
    kept.positions = {};
    try { localStorage.removeItem(place); } catch { /* nothing was kept */ }
  }

  function writeSvg() {
    const box = cy.elements().boundingBox();
    const lines = cy.edges().map((edge) => {
      const [from, to] = [edge.source().position(), edge.target().position()];
      const dash = edge.data("basis") === "observed" ? ' stroke-dasharray="7 5"' : "";
      return `<line x1="${from.x}" y1="${from.y}" x2="${to.x}" y2="${to.y}" stroke="#555" stroke-width="1.5"${dash}/>`
        + `<text x="${(from.x + to.x) / 2}" y="${(from.y + to.y) / 2}" font-size="9" text-anchor="middle" fill="#333">${escape(edge.data("label"))}</text>`;
    });
    const dots = cy.nodes().map((node) => `<circle cx="${node.position("x")}" cy="${node.position("y")}" r="14" fill="#eef2f6" stroke="#333"/>`
      + `<text x="${node.position("x")}" y="${node.position("y") + 27}" font-size="11" text-anchor="middle">${escape(node.data("name"))}</text>`);
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.x1 - 40} ${box.y1 - 40} ${box.w + 80} ${box.h + 80}" font-family="sans-serif">`
      + `<title>${escape(document.title)}</title><desc>${escape(location.href)}</desc>${lines.join("")}${dots.join("")}</svg>`;
  }

  function writeGexf() {
    const nodes = cy.nodes().map((node) => `<node id="${escape(node.id())}" label="${escape(node.data("name"))}">`
      + `<viz:position x="${node.position("x")}" y="${-node.position("y")}"/></node>`);
    const edges = cy.edges().map((edge) => `<edge id="${escape(edge.id())}" source="${escape(edge.source().id())}" target="${escape(edge.target().id())}"`
      + ` label="${escape(edge.data("label"))}" kind="${edge.data("basis")}"/>`);
    return `<?xml version="1.0" encoding="UTF-8"?><gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3">`
      + `<meta><description>${escape(location.href)}</description></meta><graph defaultedgetype="directed"><nodes>${nodes.join("")}</nodes><edges>${edges.join("")}</edges></graph></gexf>`;
  }
}

function readTable(table) {
  const elements = new Map();
  for (const row of table.querySelectorAll("tr[data-edge]")) {
    const [from, , to] = row.cells;
    for (const [id, cell] of [[row.dataset.from, from], [row.dataset.to, to]]) {
      const link = cell.querySelector("a");
      if (!elements.has(id)) elements.set(id, makeNode(id, link.textContent, cell.dataset.kind, link.getAttribute("href")));
    }
    const { edge, basis, verb, count } = row.dataset;
    elements.set(`edge ${edge}`, makeEdge(edge, row.dataset.from, row.dataset.to, basis, verb, count, "contested" in row.dataset));
  }
  return [...elements.values()].sort((one, other) => ("source" in one.data) - ("source" in other.data));
}

function makeNode(id, name, kind, address) {
  const label = name.length > 60 ? `${name.slice(0, 59)}…` : name;
  return { group: "nodes", data: { id, name, label, shape: SHAPES[kind] ?? "round-rectangle", address } };
}

function makeEdge(id, source, target, basis, verb, count, contested) {
  const label = [verb, count, contested ? "(contested)" : ""].filter(Boolean).join(" ");
  return { group: "edges", data: { id: `edge ${id}`, source, target, basis, label: label.length > 48 ? `${label.slice(0, 47)}…` : label } };
}

function addressOf(kind, id) {
  const folder = kind === "document" ? "document" : "entity";
  return `/${folder}/${encodeURI(id).replaceAll("?", "%3F").replaceAll("#", "%23")}`;
}

function makeStyle() {
  const ink = colour("--ink"), paper = colour("--paper"), soft = colour("--soft");
  return [
    { selector: "node", style: { shape: "data(shape)", width: 26, height: 26, "background-color": colour("--raised"), "border-width": 2, "border-color": soft,
      label: "data(label)", color: ink, "font-size": 12, "text-valign": "bottom", "text-margin-y": 4, "text-wrap": "wrap", "text-max-width": 130, "text-background-color": paper, "text-background-opacity": 0.85, "min-zoomed-font-size": 6 } },
    { selector: "node.chosen", style: { "border-width": 5, "border-color": colour("--link") } },
    { selector: "node.pinned", style: { "border-style": "double", "border-width": 6 } },
    { selector: "edge", style: { width: 2, "curve-style": "bezier", "line-color": colour("--link"), "target-arrow-color": colour("--link"), "target-arrow-shape": "triangle",
      label: "data(label)", color: ink, "font-size": 10, "text-wrap": "wrap", "text-max-width": 110, "text-background-color": paper, "text-background-opacity": 0.9, "min-zoomed-font-size": 7 } },
    { selector: "edge[basis = 'observed']", style: { "line-style": "dashed", "line-color": colour("--observed"), "target-arrow-color": colour("--observed") } },
  ];
}

function colour(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }

function make(tag, properties) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "role") made.setAttribute("role", value);
    else made[name] = value;
  }
  return made;
}

function recall(place) {
  try { return JSON.parse(localStorage.getItem(place)) ?? {}; } catch { return {}; }
}

function escape(text) {
  return String(text).replace(/[&<>"]/g, (one) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[one]);
}

function save(suffix, blob) {
  const link = make("a", { href: URL.createObjectURL(blob), download: `drawing.${suffix}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
