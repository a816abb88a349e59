// Plain k-means to play with: S. P. Lloyd, Least squares quantization in PCM, 1982.

// Every point to its nearest center.
function assignPoints(points, centers) {
  const distances = [];
  let inertia = 0;
  const labels = points.map((point) => {
    let nearest = 0,
      least = Infinity;
    centers.forEach((center, i) => {
      const square = center.reduce((sum, value, axis) => sum + (value - point[axis]) ** 2, 0);
      if (square < least) [nearest, least] = [i, square];
    });
    distances.push(least);
    inertia += least;
    return nearest;
  });
  return { labels, distances, inertia };
}

// Every center to the mean of its points; one without points goes to the point that is farthest from its own.
function moveCenters(points, { labels, distances }, centers) {
  const counts = centers.map(() => 0),
    sums = centers.map((center) => center.map(() => 0));
  points.forEach((point, i) => {
    counts[labels[i]]++;
    point.forEach((value, axis) => {
      sums[labels[i]][axis] += value;
    });
  });
  const worst = distances.map((_, i) => i).sort((one, other) => distances[other] - distances[one]);
  return sums.map((sum, i) => (counts[i] ? sum.map((value) => value / counts[i]) : [...points[worst.shift()]]));
}

// ---- Data sets in the unit square ----

const N_POINTS = 400;

// Numbers around 0 with a standard deviation of 1: Box and Muller.
const gauss = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

const repeat = (make) => Array.from({ length: N_POINTS }, (_, i) => make(i));

function inDisc(random, [x, y, radius]) {
  const angle = 2 * Math.PI * random(),
    r = radius * Math.sqrt(random());
  return [x + r * Math.cos(angle), y + r * Math.sin(angle)];
}

const DATA_SETS = {
  blobs(random, spread) {
    const middles = [
      [0.25, 0.3],
      [0.7, 0.25],
      [0.35, 0.75],
      [0.78, 0.72],
    ];
    return repeat((i) => middles[i % 4].map((value) => value + 0.06 * spread * gauss(random)));
  },
  mouse(random, spread) {
    const head = [0.5, 0.42, 0.28],
      ears = [
        [0.22, 0.8],
        [0.78, 0.8],
      ].map((ear) => [...ear, 0.1 * spread]);
    return repeat((i) => inDisc(random, i % 4 < 2 ? head : ears[i % 2]));
  },
  moons(random, spread) {
    return repeat((i) => {
      const angle = Math.PI * random(),
        [x, y] =
          i % 2
            ? [0.38 + 0.25 * Math.cos(angle), 0.42 + 0.25 * Math.sin(angle)]
            : [0.63 - 0.25 * Math.cos(angle), 0.55 - 0.25 * Math.sin(angle)];
      return [x + 0.025 * spread * gauss(random), y + 0.025 * spread * gauss(random)];
    });
  },
  uniform(random) {
    return repeat(() => [random(), random()]);
  },
};

// ---- Starts ----

const square = ([a, b], [c, d]) => (a - c) ** 2 + (b - d) ** 2;

function drawWeighted(random, weights) {
  let rest = random() * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => (rest -= weight) < 0);
  return found < 0 ? weights.length - 1 : found;
}

const STARTS = {
  points(random, points, k) {
    const left = [...points];
    return Array.from({ length: k }, () => left.splice(Math.floor(random() * left.length), 1)[0]);
  },
  // Each in proportion to its squared distance from those before: Arthur and Vassilvitskii, 2007.
  plus(random, points, k) {
    const centers = [points[Math.floor(random() * points.length)]];
    while (centers.length < k) {
      centers.push(
        points[
          drawWeighted(
            random,
            points.map((point) => Math.min(...centers.map((center) => square(point, center)))),
          )
        ],
      );
    }
    return centers;
  },
  corner(random, points, k) {
    return [...points].sort((one, other) => square(one, [0, 0]) - square(other, [0, 0])).slice(0, k);
  },
};

// Okabe and Ito's colors for all kinds of sight, and four more.
const HUES = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#cc79a7",
  "#56b4e9",
  "#d55e00",
  "#b8a900",
  "#7f7f7f",
  "#6a3d9a",
  "#a6761d",
  "#1b9e9e",
  "#e7298a",
];
const hue = (row) => HUES[row % HUES.length];

// ---- The game ----

function startPlay(pixels) {
  const read = (name) => find(`#${name}`).value,
    plane = new Plane({ place: (point) => point }, find("#ground"));
  const game = { points: [], start: [], centers: [], before: [], assigned: null, history: [], rests: false };
  let timer = null;
  find("#play").hidden = false;
  globalThis.game = game; // for whoever looks on from the console

  function choosePoints(random) {
    const stretch = Number(read("stretch"));
    const points =
      read("data") === "picture"
        ? drawSample(pixels.before, N_POINTS, Number(read("seed"))).map((i) =>
            readPixel(pixels.before, i)
              .slice(0, 2)
              .map((value) => value / 255),
          )
        : DATA_SETS[read("data")](random, Number(read("spread")));
    return points.map(([x, y]) => [stretch * x, y]);
  }

  function restart() {
    stop();
    const random = makeRandom(Number(read("seed")));
    game.points = choosePoints(random);
    game.start = STARTS[read("start")](random, game.points, Number(read("k"))).map((center) => [...center]);
    Object.assign(game, { centers: game.start, before: game.start, assigned: null, history: [], rests: false });
    const picture = read("data") === "picture";
    find("#spread").disabled = picture || read("data") === "uniform";
    const [width, names] = [Number(read("stretch")), picture ? ["red", "green"] : ["x", "y"]];
    Object.assign(plane, { x: [width > 1 ? `${names[0]}, times ${width}` : names[0], 0, width], y: [names[1], 0, 1] });
    for (const input of findAll("#play input[type=range]")) input.nextElementSibling.textContent = input.value;
    paint("The centers stand where they start. Assign comes first.");
  }

  function assign() {
    const { inertia, ...assigned } = assignPoints(game.points, game.centers);
    game.assigned = assigned;
    game.before = game.centers;
    const last = game.history.at(-1);
    if (last !== inertia) game.history.push(inertia);
    const fell = last > inertia ? `, ${(last - inertia).toPrecision(3)} less than before` : "";
    paint(`Assigned. Inertia ${inertia.toPrecision(5)}${fell}. Now move.`);
  }

  function move() {
    if (!game.assigned) return paint("There is nothing to move to yet: assign first.");
    const moved = moveCenters(game.points, game.assigned, game.centers);
    const shift = Math.sqrt(Math.max(...moved.map((center, i) => square(center, game.centers[i]))));
    Object.assign(game, { before: game.centers, centers: moved, rests: shift === 0 });
    const rest = `Nothing moves any more: this is where this start ends, after ${game.history.length} assignments, with inertia ${game.history.at(-1).toPrecision(5)}. Another start may end lower.`;
    paint(game.rests ? rest : `Moved, the farthest by ${shift.toPrecision(3)}. Assign again.`);
    if (!game.rests) game.assigned = null;
  }

  function paint(text) {
    if (text) find("#state").textContent = text;
    const pen = plane.begin();
    const labels = game.assigned?.labels;
    if (labels) plane.regions(pen, game.centers);
    plane.dots(
      pen,
      game.points,
      game.points.map((_, i) => (labels ? hue(labels[i]) : ink("--pale"))),
      5,
    );
    plane.centers(
      pen,
      game.centers,
      game.before,
      game.centers.map((_, i) => hue(i)),
      8,
    );
    drawLine(find("#descent"), game.history, game.history.length - 1);
  }

  function stop() {
    clearInterval(timer);
    timer = null;
    find("#settle").textContent = "Run";
  }

  function settle() {
    if (timer) return stop();
    if (game.rests) restart();
    find("#settle").textContent = "Pause";
    timer = setInterval(() => {
      if (game.assigned) move();
      else assign();
      if (game.rests) stop();
    }, 200);
  }

  for (const [name, act] of Object.entries({ assign, move, restart }))
    find(`#${name}`).addEventListener("click", () => {
      stop();
      act();
    });
  find("#settle").addEventListener("click", settle);
  for (const input of findAll(".settings input, .settings select")) input.addEventListener("input", restart);
  const seen = pixels && drawSample(pixels.before, 1).length > 0; // a picture may be all transparent
  if (!seen) find("#data .of-picture").remove();
  find("#data").value = seen ? "picture" : "blobs";
  new ResizeObserver(() => paint()).observe(find("#ground"));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paint());
  restart();
}
