// Whether a measure still grows at the end: the slope of its second half, by least squares, against how much it may grow.

const sum = (all) => all.reduce((a, b) => a + b, 0);

// By how much a straight line through these points rises from the first to the last.
export function rise(points) {
  if (points.length < 2) return 0;
  const [x, y] = [sum(points.map(([x]) => x)) / points.length, sum(points.map(([, y]) => y)) / points.length];
  const slope = sum(points.map(([a, b]) => (a - x) * (b - y))) / sum(points.map(([a]) => (a - x) ** 2));
  return slope * (points.at(-1)[0] - points[0][0]);
}

// `bounds`: of each measure how much its second half may rise, and where there is one, how high it may stand at the end.
export function judge(samples, bounds) {
  const half = samples.slice(Math.floor(samples.length / 2));
  return bounds.map(({ name, unit, scale = 1, mayRise, atMost = Infinity }) => {
    const of = (one) => one[name] / scale;
    const rose = rise(half.map((one) => [one.at, of(one)]));
    const [first, middle, last] = [samples[0], half[0], samples.at(-1)].map(of);
    const most = Math.max(...samples.map(of));
    return { name, unit, first, middle, last, most, rose, mayRise, atMost, holds: rose <= mayRise && last <= atMost };
  });
}

export function table(judged) {
  const shown = (n) => (Number.isFinite(n) ? n.toFixed(n < 100 && n % 1 ? 1 : 0) : "-");
  const head = ["", "start", "half", "end", "most", "rose in the 2nd half", "may rise", "may stand at", ""];
  const lines = judged.map((one) => [
    `${one.name}${one.unit ? `, ${one.unit}` : ""}`,
    ...[one.first, one.middle, one.last, one.most, one.rose, one.mayRise, one.atMost].map(shown),
    one.holds ? "holds" : "GROWS",
  ]);
  const all = [head, ...lines];
  const wide = head.map((_, i) => Math.max(...all.map((line) => line[i].length)));
  return all.map((line) => line.map((cell, i) => (i ? cell.padStart(wide[i]) : cell.padEnd(wide[i]))).join("  ")).join("\n");
}
