// The table of layers: sorted by its heads, filtered by words and bounds, with details on request.
const table = byId("layer-table"), body = table.tBodies[0];
const number = (title, value, text, more = {}) => ({ title, value, text, ...more });
const known = (value, text) => value === null || value === undefined ? "–" : text(value);
const onGpu = layers.some(layer => layer.kernel_s !== null), trains = layers.some(layer => layer.backward_s);
const COLUMNS = [
  { title: "layer", value: layer => -layer.index, left: true },
  { title: "kind", value: layer => layer.kind, left: true },
  number("calls", layer => layer.calls, count),
  number("forward\nms", layer => layer.forward_s[0], ms),
  trains && number("backward\nms", layer => layer.backward_s && layer.backward_s[0], ms),
  number("own\nms", layer => layer.own, ms),
  number("low to\nhigh", layer => layer.own_s[2] - layer.own_s[1], (_, layer) => `${ms(layer.own_s[1])}–${ms(layer.own_s[2])}`, { quiet: true }),
  number("share", layer => layer.share, percent, { share: true }),
  number("GFLOP", layer => flops(layer) || null, value => digits(value / 1e9)),
  number("MB\nmoved", layer => moved(layer) || null, value => digits(value / 1e6)),
  number("parameters", layer => layer.parameters || null, value => scaled(value, "").trim()),
  onGpu ? number("launches", launches, count) : number("operations", layer => layer.work.operations, count),
  number("of\nlimit", layer => layer.of_limit, percent),
  { title: "bound", value: layer => layer.limit ? layer.limit.bound : null, left: true },
].filter(Boolean);
let sorted = { column: COLUMNS[0], direction: -1 }, chosen = "";

const rows = layers.map(layer => {
  const name = element("button", { type: "button", className: "link", title: layer.name, onclick: () => toggleDetails(layer) });
  name.setAttribute("aria-expanded", "false");
  const cells = COLUMNS.map(column => cell(column, layer));
  cells[0].append(name);
  return Object.assign(element("tr", { id: "layer-" + layer.index }, ...cells), { layer, name });
});

function cell(column, layer) {
  const value = column.value(layer);
  const node = element("td", { className: column.left ? "" : "number" });
  if (column.text) node.textContent = known(value, () => column.text(value, layer));
  else if (column.title === "bound") node.append(...(value ? [shape(value), value] : ["–"]));
  else if (column.title === "kind") node.textContent = value;
  if (column.quiet || column.title === "kind") node.classList.add("quiet");
  if (column.share) {
    node.classList.add("share");
    node.style.setProperty("--part", `${100 * layer.share / Math.max(...layers.map(other => other.share))}%`);
  }
  return node;
}

function arrange() {
  const { column, direction } = sorted;
  const words = byId("filter").value.toLowerCase().split(/\s+/);
  const shown = rows.filter(({ layer }) => (!chosen || layer.limit?.bound === chosen)
    && words.every(word => `${layer.name} ${layer.kind}`.toLowerCase().includes(word)));
  const tree = column === COLUMNS[0] && direction < 0 && shown.length === rows.length;
  shown.sort((a, b) => direction * compare(column.value(a.layer), column.value(b.layer)) || a.layer.index - b.layer.index);
  for (const { layer, name } of rows) {
    name.textContent = tree ? layer.short : layer.name;
    name.style.marginLeft = tree ? `${0.85 * layer.depth}rem` : "";
    name.setAttribute("aria-expanded", "false");
  }
  body.replaceChildren(...shown);
  [...table.tHead.rows[0].cells].forEach((head, place) => {
    if (COLUMNS[place] === column) head.setAttribute("aria-sort", (direction < 0) !== Boolean(column.left) ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  });
  const share = shown.reduce((sum, { layer }) => sum + layer.share, 0);
  byId("shown").textContent = `${shown.length} of ${rows.length} layers, ${percent(share)} of their time`;
}

// Largest first when reversed; what is not known is smallest.
function compare(a, b) {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? -1 : 1;
  return typeof a === "string" ? b.localeCompare(a) : a - b;
}

function toggleDetails(layer) {
  const row = rows[layer.index];
  const open = row.name.getAttribute("aria-expanded") === "true";
  row.name.setAttribute("aria-expanded", String(!open));
  if (open) row.nextSibling.remove();
  else row.after(element("tr", { className: "details" }, element("td", { colSpan: COLUMNS.length }, ...details(layer))));
}

function details(layer) {
  const pairs = [["name", layer.name], ["on the host", ms(layer.host_s) + " ms"], ["with what is below it", ms(layer.whole) + " ms"],
    ["reads at least", scaled(layer.work.read_bytes, "B")], ["writes at least", scaled(layer.work.written_bytes, "B")], ["operations", count(layer.work.operations)]];
  if (layer.limit) {
    pairs.push(["limit of arithmetic", ms(layer.limit.arithmetic_s) + " ms"], ["limit of memory", ms(layer.limit.memory_s) + " ms"], ["limit of launches", ms(layer.limit.launch_s) + " ms"]);
  }
  if (layer.kernel_s !== null) pairs.push(["in GPU kernels", ms(layer.kernel_s) + " ms"]);
  if (layer.peak_bytes !== null) pairs.push(["peak memory", scaled(layer.peak_bytes, "B")]);
  const nodes = [facts(pairs)];
  if (layer.advice) nodes.unshift(element("p", { textContent: `${layer.advice.text} At most ${ms(layer.advice.gain_s)} ms.` }));
  if (layer.kernels.length) {
    nodes.push(element("table", { className: "kernels" }, ...layer.kernels.map(kernel => element("tr", {},
      element("td", { className: "number", textContent: ms(kernel.seconds) + " ms" }), element("td", { className: "number", textContent: "× " + count(kernel.launches) }),
      element("td", { textContent: kernel.name })))));
  }
  return nodes;
}

// Show a layer that was chosen elsewhere on the page.
function showLayer(layer) {
  byId("filter").value = "";
  chooseBound("");
  const row = rows[layer.index];
  row.scrollIntoView({ block: "center" });
  row.name.focus({ preventScroll: true });
  for (const other of rows) other.classList.toggle("found", other === row);
}

function chooseBound(bound) {
  chosen = bound;
  for (const button of byId("bounds").children) button.setAttribute("aria-pressed", String(button.value === bound));
  arrange();
}

table.tHead.rows[0].append(...COLUMNS.map(column => {
  const sort = () => {
    sorted = { column, direction: sorted.column === column ? -sorted.direction : -1 };
    arrange();
  };
  return element("th", { scope: "col", className: column.left ? "left" : "number" }, element("button", { type: "button", textContent: column.title, onclick: sort }));
}));
byId("bounds").append(...["", ...BOUNDS].map(bound => element("button", { type: "button", value: bound, onclick: () => chooseBound(bound) },
  ...(bound ? [shape(bound), bound] : ["all"]))));
byId("filter").addEventListener("input", arrange);
chooseBound("");
