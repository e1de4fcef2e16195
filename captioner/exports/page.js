// Lights a photograph where a word looked. Weights stand in the page, 0 to 255 for each cell of the grid, 255 being the
// greatest of the caption; they are laid over the photograph as captioner/attention_map.py does.
(() => {
  "use strict";
  const DARKNESS = 0.2;
  const GAMMA = 1.4;
  const FADING = 0.85;
  const toggle = document.querySelector("fieldset");

  const isSmooth = () => toggle.querySelector("input:checked").value === "smooth";

  // Cubic convolution (Keys 1981, a = -1/2).
  const cubic = (distance) => {
    const d = Math.abs(distance);
    if (d <= 1) return (1.5 * d - 2.5) * d * d + 1;
    return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
  };

  // For each pixel the shares of the cells along one axis; null where the network saw nothing.
  const interpolation = (pixels, low, high, cells, smooth) =>
    Array.from({ length: pixels }, (_, pixel) => {
      const centre = (pixel + 0.5) / pixels;
      if (centre < low || centre >= high) return null;
      const place = ((centre - low) * cells) / (high - low);
      const shares = new Float32Array(cells);
      if (!smooth) {
        shares[Math.min(Math.floor(place), cells - 1)] = 1;
        return shares;
      }
      const first = Math.floor(place - 0.5);
      for (let cell = first - 1; cell <= first + 2; cell += 1) {
        shares[Math.min(Math.max(cell, 0), cells - 1)] += cubic(place - 0.5 - cell);
      }
      return shares;
    });

  const draw = (canvas, word) => {
    const picture = canvas.parentElement;
    const image = picture.querySelector("img");
    const [rows, columns] = picture.dataset.grid.split(" ").map(Number);
    const [left, top, right, bottom] = picture.dataset.seen.split(" ").map(Number);
    const weights = Uint8Array.from(atob(word.dataset.look), (character) => character.charCodeAt(0));
    const width = (canvas.width = image.naturalWidth || image.width);
    const height = (canvas.height = image.naturalHeight || image.height);
    const along = interpolation(height, top, bottom, rows, isSmooth());
    const across = interpolation(width, left, right, columns, isSmooth());
    const context = canvas.getContext("2d");
    const shade = context.createImageData(width, height);
    const line = new Float32Array(columns);
    let at = 0;
    for (let y = 0; y < height; y += 1) {
      for (let column = 0; column < columns; column += 1) {
        line[column] = 0;
        for (let row = 0; along[y] && row < rows; row += 1) {
          line[column] += along[y][row] * weights[row * columns + column];
        }
      }
      for (let x = 0; x < width; x += 1, at += 4) {
        if (!along[y] || !across[x]) {
          shade.data.fill(255, at, at + 3);
          shade.data[at + 3] = 255 * FADING;
          continue;
        }
        let light = 0;
        for (let column = 0; column < columns; column += 1) light += across[x][column] * line[column];
        const shine = Math.min(Math.max(light / 255, 0), 1) ** (1 / GAMMA);
        shade.data[at + 3] = 255 * (1 - DARKNESS) * (1 - shine);
      }
    }
    context.putImageData(shade, 0, 0);
  };

  // Of several words the one under the pointer is shown, else the one that the keyboard is on, else the pinned one.
  const show = (article) => {
    const word =
      article.querySelector("button.word:hover") ||
      article.querySelector("button.word:focus-visible") ||
      article.querySelector('button.word[aria-pressed="true"]');
    const canvas = article.querySelector("canvas");
    for (const looked of article.querySelectorAll(".looked")) looked.classList.remove("looked");
    article.querySelector(".reading").textContent = word ? word.getAttribute("aria-label") : "";
    if (canvas && word) draw(canvas, word);
    if (canvas) canvas.classList.toggle("lit", Boolean(word));
    if (word) word.classList.add("looked");
  };

  const onWord = (event) => {
    const word = event.target.closest?.("button.word");
    // By the next frame the browser has made up its mind what is hovered and what has the focus.
    if (word) requestAnimationFrame(() => show(word.closest("article")));
  };
  for (const name of ["pointerover", "pointerout", "focusin", "focusout"]) document.addEventListener(name, onWord);

  document.addEventListener("click", (event) => {
    const word = event.target.closest("button.word");
    if (!word) return;
    const article = word.closest("article");
    const isPinned = word.getAttribute("aria-pressed") === "true";
    for (const other of article.querySelectorAll("button.word")) other.setAttribute("aria-pressed", "false");
    word.setAttribute("aria-pressed", String(!isPinned));
    show(article);
  });

  document.addEventListener("keydown", (event) => {
    const word = event.target.closest?.("button.word");
    if (!word || event.ctrlKey || event.altKey || event.metaKey) return;
    const words = [...document.querySelectorAll("button.word")];
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      words[words.indexOf(word) + step]?.focus();
      event.preventDefault();
    } else if (event.key === "Escape") {
      for (const other of word.closest("article").querySelectorAll("button.word")) {
        other.setAttribute("aria-pressed", "false");
      }
      show(word.closest("article"));
    }
  });

  toggle.addEventListener("change", () => {
    for (const canvas of document.querySelectorAll("canvas.lit")) show(canvas.closest("article"));
  });
  toggle.hidden = false;
})();
