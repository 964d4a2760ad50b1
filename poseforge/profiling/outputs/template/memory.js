// Memory in use over one step, with its peak.
function drawMemory(width, height) {
  const { timeline, peak_bytes, peak_layer, standing_bytes } = profile.memory;
  const box = { left: 64, right: width - 16, top: 26, bottom: height - 30 };
  const end = timeline.at(-1)[0] || 1, most = peak_bytes * 1.08;
  const x = seconds => box.left + (box.right - box.left) * seconds / end;
  const y = bytes => box.bottom - (box.bottom - box.top) * bytes / most;
  const nodes = [];
  for (const bytes of ticks(most, 5)) {
    nodes.push(drawing("path", { class: "grid", d: `M${box.left} ${y(bytes)}H${box.right}` }));
    nodes.push(drawing("text", { x: box.left - 8, y: y(bytes) + 4, "text-anchor": "end" }, round(scaled(bytes, "B"))));
  }
  for (const seconds of ticks(end, 8)) {
    nodes.push(drawing("text", { x: x(seconds), y: box.bottom + 20, "text-anchor": "middle" }, round(ms(seconds)) + " ms"));
  }
  const steps = timeline.map(([seconds, bytes]) => `H${x(seconds).toFixed(1)}V${y(bytes).toFixed(1)}`).join("");
  const used = `M${box.left} ${y(timeline[0][1])}${steps}H${box.right}`;
  nodes.push(drawing("path", { class: "used", d: `${used}V${box.bottom}H${box.left}Z`, style: "stroke: none" }));
  nodes.push(drawing("path", { class: "used", d: used, style: "fill: none" }));
  nodes.push(drawing("path", { class: "standing", d: `M${box.left} ${y(standing_bytes)}H${box.right}` }));
  const top = timeline.reduce((best, point) => point[1] > best[1] ? point : best);
  nodes.push(drawing("circle", { class: "peak", cx: x(top[0]), cy: y(top[1]), r: 5 }));
  const right = x(top[0]) > width / 2;
  nodes.push(drawing("text", { class: "peak-name", x: x(top[0]) + (right ? -10 : 10), y: y(top[1]) - 8, "text-anchor": right ? "end" : "start" }, `${scaled(top[1], "B")}, ${peak_layer}`));

  const cursor = drawing("path", { class: "cursor", visibility: "hidden" });
  const ground = drawing("rect", { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top, fill: "transparent" });
  let words = "";
  ground.addEventListener("pointermove", event => {
    const seconds = end * (event.offsetX - box.left) / (box.right - box.left);
    const [, bytes] = timeline.findLast(point => point[0] <= seconds) || timeline[0];
    words = `${ms(seconds)} ms\n${scaled(bytes, "B")}`;
    cursor.setAttribute("d", `M${event.offsetX} ${box.top}V${box.bottom}`);
    cursor.setAttribute("visibility", "visible");
  });
  ground.addEventListener("pointerleave", () => cursor.setAttribute("visibility", "hidden"));
  tip(ground, () => words);
  return [...nodes, cursor, ground];
}

// Round numbers from 0 to `most`, about `count` of them.
function ticks(most, count) {
  const rough = most / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find(factor => factor * power >= rough) * power;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, place) => place * step);
}

if (profile.memory && profile.memory.timeline.length) {
  const { peak_bytes, peak_layer, standing_bytes } = profile.memory;
  const line = `The peak is ${scaled(peak_bytes, "B")}, in ${peak_layer}; ${scaled(standing_bytes, "B")} stood when the step began (dashed).`;
  byId("memory-section").hidden = false;
  byId("memory-line").textContent = line;
  byId("memory").setAttribute("aria-label", line);
  plot("memory", 300, drawMemory);
}
