// Bars of what follows one another: the step, and how a sample is loaded.
function drawBar(name, stages) {
  const whole = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  const bar = byId(name + "-bar");
  bar.setAttribute("aria-label", stages.map(stage => `${stage.name} ${percent(stage.seconds / whole)}`).join(", "));
  stages.forEach((stage, place) => {
    const tint = stage.name === "between" ? "rest" : "tint" + place % 4;
    const part = stage.seconds / whole;
    const piece = element("span", { className: tint, textContent: stage.name });
    piece.classList.toggle("narrow", part < 0.012 * (stage.name.length + 1));
    piece.style.flex = `${part} 0 0`;
    tip(piece, () => `${stage.name}\n${ms(stage.seconds)} ms, ${percent(part)}`);
    bar.append(piece);
    byId(name + "-legend").append(element("li", {}, element("i", { className: tint }), stage.name,
      element("b", { textContent: ms(stage.seconds) + " ms" }), element("b", { textContent: percent(part) })));
  });
}

if (profile.bar.length) drawBar("step", profile.bar);
if (profile.loading) {
  const { stages, samples_per_s, waiting_s, verdict } = profile.loading;
  byId("loading").hidden = false;
  byId("verdict").textContent = `${verdict} All workers bring ${digits(samples_per_s)} samples/s; a step waits ${ms(waiting_s)} ms for its batch.`;
  drawBar("loading", stages);
}
