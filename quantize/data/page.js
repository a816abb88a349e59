"use strict";
// The pictures, and what is marked in them. clouds.js and kmeans.js follow in the same script.

const facts = JSON.parse(document.getElementById("facts").textContent);
const find = (selector) => document.querySelector(selector);
const findAll = (selector) => [...document.querySelectorAll(selector)];
const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
const say = (text) => { find("#said").textContent = text; };

function makeCanvas(width, height) {
  return Object.assign(document.createElement("canvas"), { width, height });
}

function makeButton(text, act) {
  const button = Object.assign(document.createElement("button"), { textContent: text });
  button.addEventListener("click", () => act(button));
  return button;
}

async function loadPixels(image) {
  await image.decode();
  const pen = makeCanvas(image.naturalWidth, image.naturalHeight).getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  return pen.getImageData(0, 0, image.naturalWidth, image.naturalHeight);
}

const loadData = (source) => loadPixels(Object.assign(new Image(), { src: source }));

const parseHex = (code) => code.match(/../g).map((pair) => parseInt(pair, 16));

// Oklab, B. Ottosson 2020. `flare` is the light of the room on a screen, a fraction of white.
function toOklab([red, green, blue], flare = 0) {
  const [r, g, b] = [red, green, blue].map((v) => {
    const light = v <= 10.31475 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4;
    return (light + flare) / (1 + flare);
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
  ];
}

// As the report measures: hundredths of the way from black to white, with a and b doubled.
function difference(one, other) {
  return 100 * Math.hypot(one[0] - other[0], 2 * (one[1] - other[1]), 2 * (one[2] - other[2]));
}

// Calls `test` once for each color among the pixels, and gives its answer for every pixel.
function answerPixels(pixels, test) {
  const colors = new Uint32Array(pixels.data.buffer), answers = new Uint16Array(colors.length), known = new Map();
  for (let i = 0; i < colors.length; i++) {
    let answer = known.get(colors[i]);
    if (answer === undefined) {
      answer = test([...pixels.data.subarray(4 * i, 4 * i + 4)]);
      known.set(colors[i], answer);
    }
    answers[i] = answer;
  }
  return answers;
}

// ---- The picture under its slider ----

class Viewer {
  constructor(images) {
    this.images = images;
    this.canvas = find("#view");
    this.stage = find("#stage");
    this.size = { width: images.before.naturalWidth, height: images.before.naturalHeight };
    Object.assign(this.canvas, this.size);
    this.pen = this.canvas.getContext("2d", { willReadFrequently: true });
    this.pen.imageSmoothingEnabled = false;
    this.share = 0.5; // of the width that shows the original
    this.swapped = false;
    this.right = images.after;
    this.mask = null;
    this.zoom = null; // screen pixels for each of the picture, or null for what fits
    this.listen();
    new ResizeObserver(() => this.fit()).observe(this.stage);
    this.fit();
    this.paint();
  }

  paint() {
    const { width, height } = this.size, edge = Math.round(this.share * width);
    const sides = this.swapped ? [this.right, this.images.before] : [this.images.before, this.right];
    this.pen.clearRect(0, 0, width, height);
    for (const [side, left, right] of [[sides[0], 0, edge], [sides[1], edge, width]]) {
      this.pen.save();
      this.pen.beginPath();
      this.pen.rect(left, 0, right - left, height);
      this.pen.clip();
      this.pen.drawImage(side, 0, 0, width, height);
      this.pen.restore();
    }
    if (this.mask) this.pen.drawImage(this.mask, 0, 0);
    find("#divider").style.left = `${100 * this.share}%`;
  }

  fit() {
    const room = this.stage.clientWidth, { width, height } = this.size;
    const tallest = innerHeight * (innerWidth < 1000 ? 0.42 : 0.72);
    let scale = Math.min(room / width, tallest / height);
    if (scale > 1) scale = Math.floor(scale);
    this.fitting = scale;
    scale = this.zoom ?? scale;
    this.stage.style.maxHeight = `${Math.ceil(tallest) + 2}px`;
    find("#sheet").style.width = `${width * scale}px`;
    this.stage.classList.toggle("sharp", scale >= 1);
    this.stage.classList.toggle("enlarged", this.zoom !== null);
    find("#zoom").textContent = `${Math.round(100 * scale)}%`;
    find("#smaller").disabled = this.zoom === null;
    find("#larger").disabled = scale >= 32;
  }

  zoomTo(zoom) {
    const stage = this.stage;
    const [x, y] = [(stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth, (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight];
    this.zoom = zoom !== null && zoom > this.fitting ? Math.min(zoom, 32) : null;
    this.fit();
    stage.scrollLeft = x * stage.scrollWidth - stage.clientWidth / 2;
    stage.scrollTop = y * stage.scrollHeight - stage.clientHeight / 2;
  }

  step(direction) {
    const octave = Math.log2(this.zoom ?? this.fitting);
    this.zoomTo(2 ** (direction > 0 ? Math.floor(octave + 1) : Math.ceil(octave - 1)));
  }

  slide(share) {
    this.share = clamp(share, 0, 1);
    find("#slider").value = 100 * this.share;
    this.paint();
  }

  swap(swapped) {
    if (swapped === this.swapped) return;
    this.swapped = swapped;
    find("#flick").setAttribute("aria-pressed", swapped);
    this.paint();
  }

  // Fade everything but the pixels of which `shown` tells; null shows all again.
  fade(shown) {
    this.mask = null;
    if (shown) {
      const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\d+/g);
      this.mask = makeCanvas(this.size.width, this.size.height);
      const pen = this.mask.getContext("2d"), veil = pen.createImageData(this.size.width, this.size.height);
      const colors = new Uint32Array(veil.data.buffer), paper = (225 << 24) | (blue << 16) | (green << 8) | red;
      for (let i = 0; i < colors.length; i++) if (!shown(i)) colors[i] = paper;
      pen.putImageData(veil, 0, 0);
    }
    this.paint();
  }

  frame(box) {
    const frame = find("#frame"), { width, height } = this.size;
    frame.hidden = !box;
    if (!box) return;
    const [left, top, wide, high] = box;
    Object.assign(frame.style, {
      left: `${(100 * left) / width}%`, top: `${(100 * top) / height}%`,
      width: `${(100 * wide) / width}%`, height: `${(100 * high) / height}%`,
    });
    const scale = this.zoom ?? this.fitting;
    this.stage.scrollTo((left + wide / 2) * scale - this.stage.clientWidth / 2, (top + high / 2) * scale - this.stage.clientHeight / 2);
  }

  listen() {
    const { stage, canvas } = this;
    find("#slider").addEventListener("input", (event) => this.slide(event.target.value / 100));
    find("#smaller").addEventListener("click", () => this.step(-1));
    find("#larger").addEventListener("click", () => this.step(1));
    find("#fit").addEventListener("click", () => this.zoomTo(null));
    stage.addEventListener("keydown", (event) => {
      if (event.key === "+" || event.key === "-") this.step(event.key === "+" ? 1 : -1);
    });
    stage.addEventListener("wheel", (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      this.step(-event.deltaY);
    }, { passive: false });
    this.listenToPointer(canvas);
    this.listenToFlick();
  }

  // At its whole size the picture is dragged over; enlarged, it is dragged about unless one takes hold of the slider.
  listenToPointer(canvas) {
    let pans = null;
    canvas.addEventListener("pointerdown", (event) => {
      const box = canvas.getBoundingClientRect();
      const near = Math.abs(event.clientX - box.left - this.share * box.width) < 20;
      pans = this.zoom !== null && !near;
      if (pans && event.pointerType === "touch") return; // the browser scrolls by itself
      canvas.setPointerCapture(event.pointerId);
      if (!pans) this.slide((event.clientX - box.left) / box.width);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const box = canvas.getBoundingClientRect();
      if (pans) this.stage.scrollBy(-event.movementX, -event.movementY);
      else this.slide((event.clientX - box.left) / box.width);
    });
  }

  listenToFlick() {
    const button = find("#flick"), holds = (event) => event.key === " " || event.key === "Enter";
    button.setAttribute("aria-pressed", false);
    button.addEventListener("pointerdown", () => this.swap(true));
    for (const type of ["pointerup", "pointercancel", "pointerleave", "blur"]) button.addEventListener(type, () => this.swap(false));
    button.addEventListener("keydown", (event) => holds(event) && this.swap(true));
    button.addEventListener("keyup", (event) => holds(event) && this.swap(false));
    const isF = (event) => event.key.toLowerCase() === "f" && !event.ctrlKey && !event.metaKey && !event.altKey && event.target.type !== "number";
    addEventListener("keydown", (event) => isF(event) && this.swap(true));
    addEventListener("keyup", (event) => isF(event) && this.swap(false));
    addEventListener("blur", () => this.swap(false));
  }
}

// ---- The palette's tiles ----

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // where a page may not: the old way
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
  const color = parseHex(code), opaque = color.length < 4 || color[3] > 127;
  const text = code.length > 6 && color[3] === 0 ? "clear" : `#${code}`;
  const tile = makeButton(text, () => copyText(`#${code}`));
  const note = Object.assign(document.createElement("small"), { textContent: name ? `${inWords(share)} ${name}` : inWords(share) });
  tile.append(note);
  tile.title = "Click to copy";
  const [r, g, b] = color.map((v) => (v <= 10.31475 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  if (opaque) Object.assign(tile.style, { background: `#${code.slice(0, 6)}`, color: (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05) ** 2 > 0.0525 ? "#000" : "#fff" });
  else Object.assign(tile.style, { background: "#fff", color: "#000" });
  for (const [type, shown] of [["pointerenter", row], ["focus", row], ["pointerleave", null], ["blur", null]]) {
    tile.addEventListener(type, () => show(shown));
  }
  const item = document.createElement("li");
  item.append(tile);
  const [light, a, b2] = toOklab(color);
  const gray = Math.hypot(a, b2) < 0.02;
  return Object.assign(item, { keys: { share: -share, lightness: light, hue: gray ? light - 10 : Math.atan2(b2, a) } });
}

function startPalette(viewer, after) {
  const rows = facts.palette.map(([code]) => [...parseHex(code), 255].slice(0, 4));
  let labels = null;
  const nearest = (pixel) => {
    const alike = (color) => Math.abs(color[3] - pixel[3]) + (pixel[3] && Math.abs(color[0] - pixel[0]) + Math.abs(color[1] - pixel[1]) + Math.abs(color[2] - pixel[2]));
    return rows.reduce((best, color, row) => (alike(color) < alike(rows[best]) ? row : best), 0);
  };
  const show = (row) => {
    labels ??= answerPixels(after, nearest);
    viewer.fade(row === null ? null : (i) => labels[i] === row);
  };
  const items = facts.palette.slice(0, 256).map((entry, row) => makeTile(entry, row, show));
  const sort = () => find("#tiles").append(...items.sort((one, other) => one.keys[find("#order").value] - other.keys[find("#order").value]));
  find("#order").addEventListener("change", sort);
  sort();
  if (facts.palette.length > items.length) say(`The ${items.length} most frequent of ${facts.palette.length} colors.`);
}

// ---- What was lost, and the error map ----

function startLost(viewer, before, after) {
  const FLARE = 0.01, NEAR = 3.5, ALIKE = 14; // as the report measures
  const buttons = findAll("#lost button");
  const choose = (button) => {
    const chosen = button.getAttribute("aria-pressed") !== "true";
    for (const other of buttons) other.setAttribute("aria-pressed", chosen && other === button);
    const place = facts.places[button.value];
    viewer.frame(chosen ? place.box : null);
    if (!chosen || !place.hex) return viewer.fade(null);
    const lost = toOklab(parseHex(place.hex), FLARE);
    const alike = answerPixels(before, (pixel) => difference(toOklab(pixel, FLARE), lost) <= ALIKE);
    viewer.fade((i) => alike[i] && difference(toOklab(before.data.subarray(4 * i, 4 * i + 3), FLARE), toOklab(after.data.subarray(4 * i, 4 * i + 3), FLARE)) > NEAR);
  };
  for (const button of buttons) {
    button.setAttribute("aria-pressed", false);
    button.addEventListener("click", () => choose(button));
  }
}

async function startErrors(viewer) {
  // Matplotlib's magma, by nine of its colors.
  const MAGMA = ["#000004", "#1d1147", "#51127c", "#822681", "#b63679", "#e65164", "#fb8861", "#fec287", "#fcfdbf"];
  const strip = makeCanvas(256, 1).getContext("2d", { willReadFrequently: true }), ramp = strip.createLinearGradient(0, 0, 256, 0);
  MAGMA.forEach((color, i) => ramp.addColorStop(i / 8, color));
  strip.fillStyle = ramp;
  strip.fillRect(0, 0, 256, 1);
  const shades = new Uint32Array(strip.getImageData(0, 0, 256, 1).data.buffer);
  const errors = await loadData(facts.errors), colors = new Uint32Array(errors.data.buffer);
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
