// An icicle: modules below the modules they are in, as wide as the time they take.
const ROW = 27;

function drawFlame() {
  const flame = byId("flame");
  const cells = layers.filter(layer => layer.whole > 0).map(layer => {
    const dominant = layer.limit && layer.own > 0.5 * layer.whole ? layer.limit.bound : "";
    const cell = element("button", { type: "button", className: "hue " + dominant, layer }, layer.short);
    if (/^\d+$/.test(layer.short)) cell.append(element("small", { textContent: " " + layer.kind }));
    cell.setAttribute("aria-label", `${layer.name}, ${ms(layer.whole)} ms, ${percent(layer.whole / layers[0].whole)}`);
    cell.addEventListener("click", () => zoom(layer));
    tip(cell, () => `${layer.name}\n${layer.kind} · ${ms(layer.whole)} ms, ${percent(layer.whole / layers[0].whole)} of the layers' time\nits own ${ms(layer.own)} ms`);
    return cell;
  });

  // Seconds from the left at which each layer starts: after those before it that are not around it.
  const begins = new Map();
  for (const layer of layers) {
    begins.set(layer, layer.parent ? layer.parent.next : 0);
    layer.next = begins.get(layer);
    if (layer.parent) layer.parent.next += layer.whole;
  }

  function zoom(focus) {
    const from = begins.get(focus), whole = focus.whole;
    for (const cell of cells) {
      const { layer } = cell;
      const around = focus !== layer && focus.index > layer.index && focus.index < layer.end;
      const left = around ? 0 : (begins.get(layer) - from) / whole;
      const width = around ? 1 : layer.whole / whole;
      cell.classList.toggle("above", around);
      cell.classList.toggle("narrow", width * flame.clientWidth < 26);
      cell.hidden = !around && (left < -1e-9 || left > 1 - 1e-9 || width < 0.0008 || layer.index < focus.index || layer.index >= focus.end);
      cell.style.left = `${100 * left}%`;
      cell.style.width = `${100 * width}%`;
      cell.style.top = `${ROW * layer.depth}px`;
    }
    const deepest = Math.max(...cells.filter(cell => !cell.hidden).map(cell => cell.layer.depth));
    flame.style.height = `${ROW * (deepest + 1)}px`;
  }

  const shown = () => cells.filter(cell => !cell.hidden);
  roving(cells, (cell, key) => {
    const { layer } = cell;
    if (key === "ArrowUp") return cells.find(other => other.layer === layer.parent);
    if (key === "ArrowDown") return shown().find(other => other.layer.parent === layer);
    const row = shown().filter(other => other.layer.depth === layer.depth);
    return row[row.indexOf(cell) + (key === "ArrowRight" ? 1 : -1)];
  });
  flame.addEventListener("keydown", event => event.key === "Escape" && zoom(layers[0]));
  flame.append(...cells);
  zoom(layers[0]);
}

drawFlame();
