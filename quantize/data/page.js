// The page begins with what it has.

async function startPage() {
  const pixels = find("#look") ? await startPictures() : null;
  if (facts.steps) await startSteps(pixels);
  startPlay(pixels);
  document.body.dataset.ready = "yes";
}

startPage();
