// What is pointed at in the pictures: where each palette color is, what was lost, and the error map.

// The row of the palette that each pixel has; browsers round colors that are not opaque, so the nearest counts.
function labelPixels({ data }) {
  const rows = facts.palette.map(([code]) => [...parseHex(code), 255]);
  const pixels = new Uint32Array(data.buffer),
    labels = new Uint16Array(pixels.length),
    known = new Map();
  const apart = (row, i) =>
    Math.abs(row[3] - data[4 * i + 3]) +
    (data[4 * i + 3] && [0, 1, 2].reduce((sum, axis) => sum + Math.abs(row[axis] - data[4 * i + axis]), 0));
  for (let i = 0; i < pixels.length; i++) {
    if (!known.has(pixels[i])) {
      const distances = rows.map((row) => apart(row, i));
      known.set(pixels[i], distances.indexOf(Math.min(...distances)));
    }
    labels[i] = known.get(pixels[i]);
  }
  return labels;
}

// ---- The palette's tiles ----

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // where a page may not: the old way
    const field = Object.assign(document.createElement("textarea"), { value: text });
    const last = document.activeElement;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    last?.focus();
  }
  say(`Copied ${text}`);
}

const inWords = (share) => (share > 0 && share < 0.001 ? "<0.1%" : `${(100 * share).toFixed(1)}%`);

function makeTile([code, share, name], row, show) {
  const [red, green, blue, alpha = 255] = parseHex(code),
    onWhite = [red, green, blue].map((value) => Math.round(255 + ((value - 255) * alpha) / 255));
  const tile = makeButton(alpha ? `#${code}` : "clear", () => copyText(`#${code}`));
  const note = Object.assign(document.createElement("small"), {
    textContent: name ? `${inWords(share)} ${name}` : inWords(share),
  });
  tile.append(note);
  tile.title = "Click to copy";
  const [r, g, b] = onWhite.map((value) => LIGHT[value]),
    isLight = (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) ** 2 > 0.0525;
  Object.assign(tile.style, { background: asCss(onWhite), color: isLight ? "#000" : "#fff" });
  for (const [type, shown] of [
    ["pointerenter", row],
    ["focus", row],
    ["pointerleave", null],
    ["blur", null],
  ]) {
    tile.addEventListener(type, () => show(shown));
  }
  const item = document.createElement("li");
  item.append(tile);
  const [light, greenRed, blueYellow] = toOklab([red, green, blue]),
    gray = Math.hypot(greenRed, blueYellow) < 0.02;
  return Object.assign(item, {
    keys: { share: -share, lightness: light, hue: gray ? light - 10 : Math.atan2(blueYellow, greenRed) },
  });
}

function startPalette(viewer, after) {
  let labels = null;
  const show = (row) => {
    labels ??= labelPixels(after);
    viewer.fade(row === null ? null : (i) => labels[i] === row);
  };
  const items = facts.palette.slice(0, 256).map((entry, row) => makeTile(entry, row, show));
  const sort = () =>
    find("#tiles").append(
      ...items.sort((one, other) => one.keys[find("#order").value] - other.keys[find("#order").value]),
    );
  find("#order").addEventListener("change", sort);
  sort();
  if (facts.palette.length > items.length) say(`The ${items.length} most frequent of ${facts.palette.length} colors.`);
}

// ---- What was lost, and the error map ----

function startLost(viewer, before, after) {
  const LOST = 20; // the difference, as the report has it
  let places = null;
  const buttons = findAll("#lost button");
  const choose = (button) => {
    const chosen = button.getAttribute("aria-pressed") !== "true";
    for (const other of buttons) other.setAttribute("aria-pressed", chosen && other === button);
    const place = facts.places[button.value];
    viewer.frame(chosen ? place.box : null);
    if (!chosen || !place.hex) return viewer.fade(null);
    places ??= [before, after].map(placePixels);
    const lost = placePixels({ data: parseHex(`${place.hex.slice(0, 6)}ff`) });
    viewer.fade((i) => distance(places[0], i, lost, 0) <= LOST && distance(places[0], i, places[1], i) > LOST);
  };
  for (const button of buttons) {
    button.setAttribute("aria-pressed", false);
    button.addEventListener("click", () => choose(button));
  }
}

async function startErrors(viewer) {
  // Matplotlib's magma, by nine of its colors.
  const MAGMA = ["#000004", "#1d1147", "#51127c", "#822681", "#b63679", "#e65164", "#fb8861", "#fec287", "#fcfdbf"];
  const strip = makeCanvas(256, 1).getContext("2d", { willReadFrequently: true }),
    ramp = strip.createLinearGradient(0, 0, 256, 0);
  MAGMA.forEach((color, i) => ramp.addColorStop(i / 8, color));
  strip.fillStyle = ramp;
  strip.fillRect(0, 0, 256, 1);
  const shades = new Uint32Array(strip.getImageData(0, 0, 256, 1).data.buffer);
  const errors = await loadData(facts.errors),
    colors = new Uint32Array(errors.data.buffer);
  for (let i = 0; i < colors.length; i++) colors[i] = shades[errors.data[4 * i]];
  const map = makeCanvas(errors.width, errors.height);
  map.getContext("2d").putImageData(errors, 0, 0);
  find("#bar").style.background = `linear-gradient(to right, ${MAGMA})`;
  find("#errors").addEventListener("change", (event) => {
    viewer.right = event.target.checked ? map : viewer.images.after;
    find("#scale").hidden = !event.target.checked;
    viewer.paint();
  });
}

async function startPictures() {
  const images = { before: find("#before"), after: find("#after") };
  const [before, after] = await Promise.all([loadPixels(images.before), loadPixels(images.after)]);
  find("#plain").hidden = true;
  for (const part of findAll("#look .needs-script, #palette .needs-script")) part.hidden = false;
  const viewer = new Viewer(images);
  startPalette(viewer, after);
  startLost(viewer, before, after);
  if (facts.errors) await startErrors(viewer);
  for (const part of findAll("label.error-map")) part.hidden = !facts.errors;
  return { before, after };
}
