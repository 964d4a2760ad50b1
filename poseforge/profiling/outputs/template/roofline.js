// The roofline: speed over arithmetic intensity, both logarithmic.
const LANE = 110;  // pixels for layers without arithmetic
const ROOMY = 640;  // pixels from which on names stand beside marks
const timed = layers.filter(layer => layer.limit && layer.own > 0 && moved(layer) > 0).sort((a, b) => b.own - a.own);

function rooflineTip(layer) {
  const lines = [layer.name, `${layer.kind} · ${ms(layer.own)} ms · ${percent(layer.share)} of the step`];
  if (flops(layer)) lines.push(`${scaled(flops(layer) / layer.own, "FLOP/s")} · ${digits(flops(layer) / moved(layer))} FLOP a byte`);
  lines.push(`${scaled(moved(layer) / layer.own, "B/s")} · ${percent(layer.of_limit)} of its limit, ${layer.limit.bound}-bound`);
  return lines.join("\n");
}

function drawRoofline(width, height) {
  const { flops_per_s: roof, bytes_per_s: slope } = profile.ceilings;
  const box = { left: 64, right: width - 16, top: 26, bottom: height - 44 };
  const counted = timed.filter(flops);
  const lane = counted.length < timed.length ? LANE : 0;
  const intensities = [roof / slope, ...counted.map(layer => flops(layer) / moved(layer))];
  const x = axis(intensities, box.left + lane, box.right);
  const edge = x.low;  // layers without arithmetic stand below the memory roof of this intensity
  const speed = layer => flops(layer) ? flops(layer) / layer.own : edge * moved(layer) / layer.own;
  const y = axis([roof * 1.2, edge * slope, ...timed.map(speed)], box.bottom, box.top);
  const nodes = [...grid(x, y, box, lane)];

  const ridge = roof / slope, start = x.at(edge);
  nodes.push(drawing("path", { class: "roof", d: `M${start} ${y.at(edge * slope)}L${x.at(ridge)} ${y.at(roof)}H${box.right}` }));
  nodes.push(drawing("text", { class: "roof-name", x: box.right, y: y.at(roof) - 8, "text-anchor": "end" }, scaled(roof, "FLOP/s")));
  const angle = Math.atan2(y.at(roof) - y.at(edge * slope), x.at(ridge) - start) * 180 / Math.PI;
  const middle = [(start + x.at(ridge)) / 2, (y.at(edge * slope) + y.at(roof)) / 2];
  nodes.push(drawing("text", { class: "roof-name", "text-anchor": "middle", transform: `translate(${middle}) rotate(${angle}) translate(0 -8)` }, scaled(slope, "B/s")));
  if (lane) {
    nodes.push(drawing("path", { class: "roof beside", d: `M${box.left} ${y.at(edge * slope)}H${start}` }));
    nodes.push(drawing("text", { x: box.left + lane / 2 - 8, y: box.bottom + 18, "text-anchor": "middle" }, "no arithmetic"));
  }
  let beside = 0;
  const marks = timed.map(layer => {
    const spread = (beside * 0.618) % 1;
    const across = flops(layer) ? x.at(flops(layer) / moved(layer)) : box.left + 12 + (lane - 36) * spread;
    if (!flops(layer)) beside += 1;
    return mark(layer, across, y.at(speed(layer)));
  });
  roving(marks, (node, key) => marks[marks.indexOf(node) + (["ArrowRight", "ArrowDown"].includes(key) ? 1 : -1)]);
  return [...nodes, ...marks, ...(width < ROOMY ? [] : markNames(marks, width))];
}

function mark(layer, across, up) {
  const radius = Math.max(3, 46 * Math.sqrt(layer.share));
  const node = drawing("path", {
    d: SHAPES[layer.limit.bound](radius), class: "mark " + layer.limit.bound, transform: `translate(${across} ${up})`,
    role: "button", "aria-label": rooflineTip(layer).replaceAll("\n", ", "),
  });
  Object.assign(node, { layer, across, up, radius });
  tip(node, () => rooflineTip(layer));
  node.addEventListener("click", () => showLayer(layer));
  node.addEventListener("keydown", event => event.key === "Enter" && showLayer(layer));
  return node;
}

// The names of the largest, where they do not cover one another.
function markNames(marks, width) {
  const placed = [];
  for (const { layer, across, up, radius } of marks.slice(0, 8)) {
    const left = across > 0.7 * width;
    const length = 6.8 * layer.name.length, at = across + (left ? -1 : 1) * (radius + 6);
    const span = [left ? at - length : at, left ? at : at + length];
    if (placed.some(other => Math.abs(other.up - up) < 15 && other.span[0] < span[1] && span[0] < other.span[1])) continue;
    const node = drawing("text", { class: "name", x: at, y: up + 4, "text-anchor": left ? "end" : "start" }, layer.name);
    placed.push({ up, span, node });
  }
  return placed.map(({ node }) => node);
}

// A logarithmic axis over values, with a tick a decade, or three where there are few.
function axis(values, from, to) {
  const low = Math.log10(Math.min(...values)) - 0.15, high = Math.log10(Math.max(...values)) + 0.15;
  const at = value => from + (Math.log10(value) - low) / (high - low) * (to - from);
  const factors = high - low < 2 ? [1, 2, 5] : [1], ticks = [];
  for (let power = Math.floor(low); power <= high; power += 1) ticks.push(...factors.map(factor => factor * 10 ** power));
  return { at, low: 10 ** low, ticks: ticks.filter(tick => Math.log10(tick) >= low && Math.log10(tick) <= high) };
}

function* grid(x, y, box, lane) {
  for (const value of x.ticks) {
    yield drawing("path", { class: "grid", d: `M${x.at(value)} ${box.top}V${box.bottom}` });
    yield drawing("text", { x: x.at(value), y: box.bottom + 18, "text-anchor": "middle" }, value < 1 ? String(+value.toPrecision(1)) : round(scaled(value, "").trim()));
  }
  for (const value of y.ticks) {
    yield drawing("path", { class: "grid", d: `M${box.left} ${y.at(value)}H${box.right}` });
    yield drawing("text", { x: box.left - 8, y: y.at(value) + 4, "text-anchor": "end" }, round(scaled(value, "")));
  }
  yield drawing("text", { x: box.right, y: box.bottom + 38, "text-anchor": "end" }, "FLOP a byte that is moved");
  yield drawing("text", { x: 0, y: 12 }, "FLOP/s");
  if (lane) yield drawing("path", { class: "grid", d: `M${box.left + lane} ${box.top}V${box.bottom}`, "stroke-width": 2 });
}

plot("roofline", 470, drawRoofline);
