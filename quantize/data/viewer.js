// Before and after in one canvas under a slider, zoomed together, with a veil over what is not meant.

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
    const { width, height } = this.size,
      edge = Math.round(this.share * width);
    const sides = this.swapped ? [this.right, this.images.before] : [this.images.before, this.right];
    this.pen.clearRect(0, 0, width, height);
    for (const [side, left, right] of [
      [sides[0], 0, edge],
      [sides[1], edge, width],
    ]) {
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
    const room = this.stage.clientWidth,
      { width, height } = this.size;
    const tallest = innerHeight * (innerWidth < 1000 ? 0.42 : 0.72);
    let scale = Math.min(room / width, tallest / height);
    if (scale > 1) scale = Math.min(Math.floor(scale), 32);
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
    const [x, y] = [
      (stage.scrollLeft + stage.clientWidth / 2) / stage.scrollWidth,
      (stage.scrollTop + stage.clientHeight / 2) / stage.scrollHeight,
    ];
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
      const pen = this.mask.getContext("2d"),
        veil = pen.createImageData(this.size.width, this.size.height);
      const colors = new Uint32Array(veil.data.buffer),
        paper = (225 << 24) | (blue << 16) | (green << 8) | red;
      for (let i = 0; i < colors.length; i++) if (!shown(i)) colors[i] = paper;
      pen.putImageData(veil, 0, 0);
    }
    this.paint();
  }

  frame(box) {
    const frame = find("#frame"),
      { width, height } = this.size;
    frame.hidden = !box;
    if (!box) return;
    const [left, top, wide, high] = box;
    Object.assign(frame.style, {
      left: `${(100 * left) / width}%`,
      top: `${(100 * top) / height}%`,
      width: `${(100 * wide) / width}%`,
      height: `${(100 * high) / height}%`,
    });
    const scale = this.zoom ?? this.fitting;
    this.stage.scrollTo(
      (left + wide / 2) * scale - this.stage.clientWidth / 2,
      (top + high / 2) * scale - this.stage.clientHeight / 2,
    );
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
    stage.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey) return;
        event.preventDefault();
        this.step(-event.deltaY);
      },
      { passive: false },
    );
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
    const button = find("#flick"),
      holds = (event) => event.key === " " || event.key === "Enter";
    button.setAttribute("aria-pressed", false);
    button.addEventListener("pointerdown", () => this.swap(true));
    for (const type of ["pointerup", "pointercancel", "pointerleave", "blur"])
      button.addEventListener(type, () => this.swap(false));
    button.addEventListener("keydown", (event) => holds(event) && this.swap(true));
    button.addEventListener("keyup", (event) => holds(event) && this.swap(false));
    const isF = (event) =>
      event.key.toLowerCase() === "f" &&
      !event.ctrlKey &&
      !event.metaKey &&
      !event.altKey &&
      event.target.type !== "number";
    addEventListener("keydown", (event) => isF(event) && this.swap(true));
    addEventListener("keyup", (event) => isF(event) && this.swap(false));
    addEventListener("blur", () => this.swap(false));
  }
}
