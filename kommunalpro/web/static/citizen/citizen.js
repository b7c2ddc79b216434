// Small comforts on the citizen's pages; everything works without them.

// What only a script can do is shown where there is one.
for (const element of document.querySelectorAll("[data-print]")) {
  element.hidden = false;
  element.addEventListener("click", () => window.print());
}

// An error summary is read first, unless the address leads to a question.
if (!window.location.hash) document.querySelector(".citizen-faults")?.focus();

// One press sends once.
document.querySelector("form[data-once]")?.addEventListener("submit", (event) => {
  const form = event.currentTarget;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  const form = document.querySelector("form[data-once]");
  if (form) delete form.dataset.sent;
});

// "None of these" stands alone: choosing it takes the others away, and the other way round.
document.addEventListener("change", (event) => {
  const chosen = event.target;
  if (chosen.type !== "checkbox" || !chosen.checked) return;
  for (const other of chosen.closest("fieldset").querySelectorAll("input[type=checkbox]")) {
    const excludes = "alone" in chosen.dataset || "alone" in other.dataset;
    if (other !== chosen && excludes) other.checked = false;
  }
});

// An answer can be taken back in place.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-clear]");
  if (!button) return;
  event.preventDefault();
  const radios = [...button.closest("[data-question]").querySelectorAll("input[type=radio]")];
  for (const radio of radios) radio.checked = false;
  button.hidden = true;
  radios[0].focus();
  radios[0].dispatchEvent(new Event("change", { bubbles: true }));
});
document.addEventListener("change", (event) => {
  const button = event.target.closest("[data-question]")?.querySelector("button[data-clear]");
  if (button && event.target.checked) button.hidden = false;
});

// A slider writes into its field, and the field moves the slider.
for (const slider of document.querySelectorAll("input[data-slides]")) {
  const field = document.getElementById(slider.dataset.slides);
  const comma = document.documentElement.lang === "da";
  slider.hidden = false;
  slider.parentElement.querySelector(".citizen-slider-ends").hidden = false;
  const mark = () => slider.classList.toggle("citizen-untouched", field.value.trim() === "");
  mark();
  for (const each of [slider, field]) each.addEventListener("input", () => queueMicrotask(mark));
  slider.addEventListener("input", () => { field.value = comma ? slider.value.replace(".", ",") : slider.value; });
  slider.addEventListener("change", () => field.dispatchEvent(new Event("change", { bubbles: true })));
  field.addEventListener("input", () => { slider.value = field.value.replace(",", "."); });
}
