// The profile, how numbers read, small helpers, and the parts of the page that are words.
const profile = JSON.parse(document.getElementById("profile").textContent);
const layers = profile.layers;
const BOUNDS = ["arithmetic", "memory", "launch"];
const SHAPES = {  // of one area, about (0, 0); shape tells what colour may not
  arithmetic: r => `M${r} 0A${r} ${r} 0 1 1 ${-r} 0A${r} ${r} 0 1 1 ${r} 0Z`,
  memory: r => { const a = 0.886 * r; return `M${-a} ${-a}H${a}V${a}H${-a}Z`; },
  launch: r => { const a = 1.347 * r; return `M0 ${-1.155 * a}L${a} ${0.577 * a}H${-a}Z`; },
};

const byId = id => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

function drawing(tag, attributes = {}, ...children) {
  const node = document.createElementNS(byId("roofline").namespaceURI, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function shape(bound) {
  const mark = drawing("path", { d: SHAPES[bound](5), class: bound });
  return drawing("svg", { viewBox: "-7 -7 14 14", "aria-hidden": "true" }, mark);
}

// Three digits, without an exponent.
function digits(value) {
  const size = Math.abs(value);
  if (value === 0) return "0";
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}
const ms = seconds => digits(1e3 * seconds);
const percent = part => (Math.abs(part) >= 0.0995 ? (100 * part).toFixed(0) : (100 * part).toFixed(1)) + " %";
function scaled(value, unit) {
  const step = value > 0 ? Math.max(0, Math.min(5, Math.floor(Math.log10(value * 1.0005) / 3))) : 0;
  return digits(value / 1000 ** step) + " " + ["", "k", "M", "G", "T", "P"][step] + unit;
}
const count = value => Number.isInteger(value) ? String(value) : digits(value);
const round = text => text.replace(/\.0+(?= |$)/, "");
const gain = layer => layer.advice ? layer.advice.gain_s : 0;
const words = value => value === true ? "yes" : value === false ? "no" : Array.isArray(value) ? value.join(" × ") : String(value);
const plain = name => name.replaceAll("_", " ");

// Where each layer's tree ends, what is above it, its whole time, and its name without what is above.
{
  const above = [];
  layers.forEach((layer, index) => {
    while (above.length && above.at(-1).depth >= layer.depth) above.pop();
    const parent = above.at(-1);
    Object.assign(layer, { index, parent, own: layer.own_s[0], whole: layer.own_s[0], end: index + 1 });
    const inside = parent && layer.name.startsWith(parent.name + ".");
    layer.short = inside ? layer.name.slice(parent.name.length + 1) : layer.name;
    for (const outer of above) {
      outer.whole += layer.own;
      outer.end = index + 1;
    }
    above.push(layer);
  });
}
const flops = layer => layer.work.flops;
const moved = layer => layer.work.read_bytes + layer.work.written_bytes;
const launches = layer => layer.kernel_s === null ? null : layer.kernels.reduce((sum, kernel) => sum + kernel.launches, 0);

// One tooltip for the page, shown for what is pointed at or focused.
function tip(node, text) {
  const box = byId("tip");
  const show = (x, y) => {
    box.textContent = text();
    box.hidden = false;
    box.style.left = Math.max(8, Math.min(x + 14, innerWidth - box.offsetWidth - 8)) + "px";
    box.style.top = (y + 18 + box.offsetHeight > innerHeight ? y - box.offsetHeight - 12 : y + 18) + "px";
  };
  node.addEventListener("pointermove", event => show(event.clientX, event.clientY));
  node.addEventListener("focus", () => {
    const place = node.getBoundingClientRect();
    if (node.matches(":focus-visible")) show(place.left, place.bottom);
  });
  for (const name of ["pointerleave", "blur"]) node.addEventListener(name, () => { box.hidden = true; });
}

// Many nodes, one stop of the Tab key: `next(node, key)` says where an arrow key leads.
function roving(nodes, next) {
  nodes.forEach((node, place) => node.setAttribute("tabindex", place ? -1 : 0));
  for (const node of nodes) {
    node.addEventListener("keydown", event => {
      const to = event.key.startsWith("Arrow") ? next(node, event.key) : null;
      if (!to) return;
      event.preventDefault();
      to.focus();
    });
    node.addEventListener("focus", () => {
      for (const other of nodes) other.setAttribute("tabindex", other === node ? 0 : -1);
    });
  }
}

// A drawing that is made anew when its width changes.
function plot(id, height, draw) {
  const svg = byId(id);
  let width = 0;
  svg.style.height = height + "px";
  new ResizeObserver(() => {
    if (Math.round(svg.clientWidth) === width || !svg.clientWidth) return;
    width = Math.round(svg.clientWidth);
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren(...draw(width, height));
  }).observe(svg);
}

function facts(pairs) {
  return element("dl", { className: "facts" }, ...pairs.map(([name, value]) =>
    element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }))));
}

function figure(title, number, unit, note) {
  const big = element("dd", {}, number, element("small", { textContent: " " + unit }));
  return element("div", {}, element("dt", { textContent: title }), big, element("dd", { className: "note", textContent: note }));
}

function writeWords() {
  const [step, low, high] = profile.step_s;
  const limited = layers.reduce((sum, layer) => sum + (layer.limit ? layer.limit.seconds : 0), 0);
  byId("name").textContent = profile.name;
  byId("date").textContent = profile.date;
  byId("settings-line").textContent = Object.entries(profile.settings).map(([name, value]) => `${plain(name)} ${words(value)}`).join("\u00a0· ");
  byId("figures").append(
    figure("Measured step", ms(step), "ms", `${ms(low)} to ${ms(high)}`),
    figure("Throughput", digits(profile.batch_size / step), "images/s", `${profile.batch_size} images a step`),
    figure("Sum of layers", ms(profile.layers_s), "ms", `${ms(profile.hooked_s[0])} ms a step with hooks`),
    figure("Between", ms(step - profile.layers_s), "ms", `${percent((step - profile.layers_s) / step)} of the step`),
    figure("All at their limits", ms(limited), "ms", `${percent(limited / step)} of the step`));
  if (profile.memory) byId("figures").append(figure("Peak memory", ...scaled(profile.memory.peak_bytes, "B").split(" "), `in ${profile.memory.peak_layer}`));
  if (profile.max_batch !== null) byId("figures").append(figure("Largest batch that fits", String(profile.max_batch), "images", ""));
  const { flops_per_s, bytes_per_s, launch_s, arithmetic } = profile.ceilings;
  const tables = {
    Settings: Object.entries(profile.settings).map(([name, value]) => [plain(name), words(value)]),
    Machine: [...Object.entries(profile.machine), ...Object.entries(profile.versions), ["commit", (profile.commit || "not known").slice(0, 12)]]
      .map(([name, value]) => [plain(name), words(value)]),
    "Ceilings, measured": [[arithmetic, scaled(flops_per_s, "FLOP/s")], ["a large copy", scaled(bytes_per_s, "B/s")], ["a launch", digits(1e6 * launch_s) + " µs"]],
  };
  for (const [title, pairs] of Object.entries(tables)) byId("how").append(element("div", {}, element("h3", { textContent: title }), facts(pairs)));
  byId("notes").append(...profile.notes.map(note => element("li", { textContent: note })));
}

function writeAdvice() {
  const advised = layers.filter(layer => layer.advice).sort((a, b) => gain(b) - gain(a)).slice(0, 10);
  byId("advice").append(...advised.map(layer => {
    const meter = element("div", { className: "meter" }, element("i"));
    meter.firstChild.style.width = percent(gain(layer) / gain(advised[0]) || 0).replace(" ", "");
    const share = element("small", { textContent: percent(gain(layer) / profile.step_s[0]) });
    const name = element("button", { type: "button", className: "link", textContent: layer.name, onclick: () => showLayer(layer) });
    const text = element("div", {}, name, element("div", {}, layer.advice.text + " "));
    if (layer.advice.switch) text.lastChild.append(element("code", { textContent: "--try " + layer.advice.switch }));
    return element("li", {}, element("div", { className: "gain" }, ms(gain(layer)) + " ms", share), meter, text);
  }));
  byId("advice-section").hidden = !advised.length && !profile.trials.length;
  writeTrials();
}

function writeTrials() {
  byId("trials-section").hidden = !profile.trials.length;
  const all = profile.trials.flatMap(trial => trial.ratio || []);
  const low = Math.min(0.9, ...all), high = Math.max(1.1, ...all);
  const place = ratio => (100 * (ratio - low) / (high - low)).toFixed(2) + "%";
  byId("trials").tBodies[0].append(...profile.trials.map(trial => {
    const row = element("tr", {}, element("td", {}, element("code", { textContent: trial.switch })));
    if (!trial.ratio) {
      row.append(element("td", { colSpan: 3, className: "quiet", textContent: "could not be tried: " + trial.error }));
      return row;
    }
    const [ratio, least, most] = trial.ratio;
    const range = element("div", { className: "range", title: `${least.toFixed(2)} to ${most.toFixed(2)}` }, element("i"), element("u"));
    range.firstChild.style.left = place(least);
    range.firstChild.style.right = `calc(100% - ${place(most)})`;
    range.lastChild.style.left = place(1);
    row.append(element("td", { className: "number", textContent: "× " + ratio.toFixed(2) }), element("td", {}, range),
      element("td", { className: "number", textContent: digits(trial.images_per_s[0]) }));
    return row;
  }));
}

function writeKeys() {
  for (const key of document.querySelectorAll(".key")) {
    key.append(...BOUNDS.map(bound => element("span", {}, shape(bound), `bound by ${bound === "launch" ? "launches" : bound}`)));
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function switchTheme() {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
}

function nameTheme() {
  byId("theme").setAttribute("aria-pressed", isDark());
}

byId("theme").addEventListener("click", switchTheme);
nameTheme();
writeWords();
writeAdvice();
writeKeys();
