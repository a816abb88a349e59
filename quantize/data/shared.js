"use strict";
// What the parts of the page share. They are one script: shared, viewer, pictures, clouds, kmeans, page.

const facts = JSON.parse(document.getElementById("facts").textContent);
const find = (selector) => document.querySelector(selector);
const findAll = (selector) => [...document.querySelectorAll(selector)];
const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
const say = (text) => {
  find("#said").textContent = text;
};

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

const LIGHT = Array.from({ length: 256 }, (_, v) => (v <= 10 ? v / 3294.6 : ((v / 255 + 0.055) / 1.055) ** 2.4));
const FLARE = 0.01; // the light of the room on a screen, a fraction of white: as the report measures

// Oklab, B. Ottosson 2020.
function toOklab([red, green, blue], flare = 0) {
  const [r, g, b] = [LIGHT[red], LIGHT[green], LIGHT[blue]].map((light) => (light + flare) / (1 + flare));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

// Where every pixel is as the report measures: hundredths of the way from black to white, with a and b doubled.
function placePixels({ data }) {
  const places = new Float32Array((data.length / 4) * 3);
  for (let i = 0; i < data.length / 4; i++) {
    const [light, a, b] = toOklab([data[4 * i], data[4 * i + 1], data[4 * i + 2]], FLARE);
    places[3 * i] = 100 * light;
    places[3 * i + 1] = 200 * a;
    places[3 * i + 2] = 200 * b;
  }
  return places;
}

const distance = (one, i, other, j) =>
  Math.hypot(one[3 * i] - other[3 * j], one[3 * i + 1] - other[3 * j + 1], one[3 * i + 2] - other[3 * j + 2]);
