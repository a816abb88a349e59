// Clouds of points on planes, and the steps by which the engine found its centers among them.

// Numbers from 0 up to 1 from a seed: mulberry32, by T. Ettinger.
function makeRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

function drawSample(pixels, n, seed = 0) {
  const random = makeRandom(seed),
    rows = [];
  for (let tries = 0; rows.length < n && tries < 20 * n; tries++) {
    const i = Math.floor((random() * pixels.data.length) / 4);
    if (pixels.data[4 * i + 3] > 0) rows.push(i);
  }
  return rows;
}

const readPixel = (pixels, i) => [...pixels.data.subarray(4 * i, 4 * i + 3)];

// Sizes a canvas for its screen, and gives a pen that counts in CSS pixels.
function takePen(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas,
    ratio = devicePixelRatio || 1;
  Object.assign(canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) });
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  return { pen, width, height };
}

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

// A plane: `place` gives the two coordinates of a point, `x` and `y` are [name, least, most].
class Plane {
  constructor({ x, y, place }, canvas) {
    Object.assign(this, { x, y, place, canvas });
  }

  begin() {
    const { pen, width, height } = takePen(this.canvas),
      margin = 26;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = ink("--pale");
    pen.font = "13px system-ui, sans-serif";
    pen.textAlign = "center";
    if (this.x[0]) pen.fillText(this.x[0], width / 2, height - 7);
    pen.save();
    pen.translate(15, height / 2);
    pen.rotate(-Math.PI / 2);
    if (this.y[0]) pen.fillText(this.y[0], 0, 0);
    pen.restore();
    const along = (value, [, least, most], length) =>
      margin + ((value - least) / (most - least)) * (length - 2 * margin);
    this.at = (point) => {
      const [x, y] = this.place(point);
      return [along(x, this.x, width), height - along(y, this.y, height)];
    };
    return pen;
  }

  // The region that each center has, of a plane whose points are its coordinates.
  regions(pen, centers) {
    const n = 64,
      [, left, right] = this.x,
      [, bottom, top] = this.y;
    const middle = (i, least, most) => least + ((i + 0.5) / n) * (most - least);
    const grid = Array.from({ length: n * n }, (_, i) => [
      middle(i % n, left, right),
      middle(Math.floor(i / n), bottom, top),
    ]);
    const [[x0, y0], [x1, y1]] = [this.at([left, bottom]), this.at([right, top])];
    pen.globalAlpha = 0.15;
    assignPoints(grid, centers).labels.forEach((label, i) => {
      const [x, y] = this.at(grid[i]);
      pen.fillStyle = hue(label);
      pen.fillRect(x - (x1 - x0) / n / 2, y - (y0 - y1) / n / 2, (x1 - x0) / n, (y0 - y1) / n);
    });
    pen.globalAlpha = 1;
  }

  dots(pen, points, colors, size) {
    points.forEach((point, i) => {
      const [x, y] = this.at(point);
      pen.fillStyle = colors[i];
      pen.fillRect(x - size / 2, y - size / 2, size, size);
    });
  }

  // Centers as rings filled with their colors, with a line from where each was before.
  centers(pen, centers, before, colors, radius) {
    pen.strokeStyle = ink("--ink");
    before.forEach((point, i) => {
      pen.lineWidth = 1.5;
      pen.beginPath();
      pen.moveTo(...this.at(point));
      pen.lineTo(...this.at(centers[i]));
      pen.stroke();
    });
    centers.forEach((point, i) => {
      const [x, y] = this.at(point);
      for (const [wide, style] of [
        [5, ink("--paper")],
        [2, ink("--ink")],
      ]) {
        pen.beginPath();
        pen.arc(x, y, radius, 0, 2 * Math.PI);
        pen.lineWidth = wide;
        pen.strokeStyle = style;
        pen.stroke();
      }
      pen.fillStyle = colors[i];
      pen.fill();
    });
  }
}

// A line of values, with a dot on the present one.
function drawLine(canvas, values, present, { logarithmic = false } = {}) {
  const { pen, width, height } = takePen(canvas),
    level = logarithmic ? Math.log : (value) => value;
  const levels = values.map((value) => level(Math.max(value, 1e-12))),
    least = logarithmic ? Math.min(...levels) : 0;
  const range = Math.max(...levels) - least || 1,
    last = Math.max(values.length - 1, 1);
  const at = (i) => [10 + (i / last) * (width - 20), height - 10 - ((levels[i] - least) / range) * (height - 20)];
  pen.strokeStyle = ink("--ink");
  pen.lineWidth = 1.5;
  pen.beginPath();
  values.forEach((_, i) => pen.lineTo(...at(i)));
  pen.stroke();
  if (present >= values.length) return;
  pen.fillStyle = ink("--accent");
  pen.beginPath();
  pen.arc(...at(present), 5, 0, 2 * Math.PI);
  pen.fill();
}

const asCss = ([red, green, blue]) => `rgb(${red},${green},${blue})`;

// ---- The engine's steps ----

// Red and green, red and blue, as in J. VanderPlas, Python Data Science Handbook, 2016; and Oklab's plane of chroma.
function makeColorPlanes(points) {
  const chroma = (point) => toOklab(point).slice(1),
    most = 1.05 * Math.max(0.05, ...points.flatMap(chroma).map(Math.abs));
  return [
    { x: ["red", 0, 255], y: ["green", 0, 255], place: ([red, green]) => [red, green] },
    { x: ["red", 0, 255], y: ["blue", 0, 255], place: ([red, , blue]) => [red, blue] },
    { x: ["Oklab a: green to red", -most, most], y: ["Oklab b: blue to yellow", -most, most], place: chroma },
  ];
}

const STAGES = {
  E: "E step: every point to its nearest center",
  M: "M step: every center to the mean of its points",
  seed: "seed: centers drawn from the points, far from each other",
  refine: "refine: split and merge on a sample",
  batch: "mini-batch: centers follow a small sample",
  pass: "pass: plain k-means steps over many points",
};

// What is stepped through: points and centers of a picture are its colors, those of other points are their numbers.
async function loadSteps(pixels) {
  const { stages, errors, centers } = facts.steps;
  if (!pixels) {
    const { points } = facts,
      dimension = [0, 1].map((axis) => points.map((point) => point[axis]));
    const plane = {
      x: ["x", Math.min(...dimension[0]), Math.max(...dimension[0])],
      y: ["y", Math.min(...dimension[1]), Math.max(...dimension[1])],
      place: (point) => point,
    };
    return { stages, errors, centers, points, planes: [plane] };
  }
  const rows = drawSample(pixels.before, 3000),
    picture = await loadData(centers);
  const points = rows.map((i) => readPixel(pixels.before, i));
  const read = (row) => Array.from({ length: picture.width }, (_, i) => readPixel(picture, row * picture.width + i));
  return {
    stages,
    errors,
    points,
    planes: makeColorPlanes(points),
    centers: stages.map((_, row) => read(row)),
    after: rows.map((i) => asCss(readPixel(pixels.after, i))),
  };
}

async function startSteps(pixels) {
  const steps = await loadSteps(pixels),
    last = steps.stages.length - 1;
  find("#steps").hidden = false;
  for (const part of findAll("#steps .of-picture")) part.hidden = !pixels;
  find("#clouds").classList.toggle("one", steps.planes.length === 1);
  const planes = steps.planes.map((plane) => {
    const canvas = makeCanvas(1, 1);
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `Points and centers: ${plane.x[0]} to the right, ${plane.y[0]} upward`);
    find("#clouds").append(canvas);
    return new Plane(plane, canvas);
  });
  const scrub = find("#scrub"),
    run = find("#run");
  let timer = null;

  function paint() {
    const i = Number(scrub.value),
      centers = steps.centers[i],
      stage = steps.stages[i];
    const before = i && stage !== "seed" && stage !== "E" ? steps.centers[i - 1] : centers;
    const labeled = stage === "M" ? before : centers; // an M step leaves the points with the centers they had
    const hues = pixels ? centers.map(asCss) : centers.map((_, row) => hue(row));
    const own = () => (pixels ? steps.points.map(asCss) : assignPoints(steps.points, labeled).labels.map(hue));
    const colors = pixels && find("#paint").value === "after" ? steps.after : own();
    for (const plane of planes) {
      const pen = plane.begin();
      if (!pixels) plane.regions(pen, labeled);
      plane.dots(pen, steps.points, colors, pixels ? 2.5 : 4);
      plane.centers(pen, centers, before, hues, centers.length > 64 ? 3.5 : 6);
    }
    drawLine(find("#fall"), steps.errors, i, { logarithmic: true });
    const nth = steps.stages.slice(0, i + 1).filter((other) => other === stage).length;
    const text = `Step ${i + 1} of ${last + 1}. ${STAGES[stage] ?? stage}, ${nth}. Mean squared distance ${steps.errors[i].toPrecision(4)}`;
    find("#told").textContent = text;
    scrub.setAttribute("aria-valuetext", text);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    run.textContent = "Play";
  }

  function go(i) {
    scrub.value = i;
    paint();
  }

  function play() {
    if (timer) return stop();
    if (Number(scrub.value) === last) go(0);
    run.textContent = "Pause";
    timer = setInterval(() => {
      go(Number(scrub.value) + 1);
      if (Number(scrub.value) === last) stop();
    }, 250);
  }

  scrub.max = last;
  scrub.addEventListener("input", paint);
  run.addEventListener("click", play);
  for (const [name, target] of [
    ["#first", () => 0],
    ["#back", () => Number(scrub.value) - 1],
    ["#on", () => Number(scrub.value) + 1],
  ]) {
    find(name).addEventListener("click", () => {
      stop();
      go(target());
    });
  }
  find("#paint").addEventListener("change", paint);
  new ResizeObserver(paint).observe(find("#clouds"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  go(last);
}
