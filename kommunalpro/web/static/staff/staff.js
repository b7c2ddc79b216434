// Small comforts on the staff pages; everything works without them.

// T switches between chart and table on the page "over time".
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "t") return;
  const tables = document.querySelectorAll("details[data-table]");
  if (tables.length === 0) return;
  const open = ![...tables].every((table) => table.open);
  tables.forEach((table) => { table.open = open; });
});

// Copy the summary; the button says what it did.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent);
    button.textContent = button.dataset.done;
  } catch {
    source.focus();
    source.select?.();
  }
});

document.querySelectorAll("[data-needs-script]").forEach((element) => { element.hidden = false; });
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

// On paper nothing can be unfolded: what is folded by default is printed open, and closed again afterwards.
const folded = [];
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll(".staff-calm:not([open])")) {
    part.open = true;
    folded.push(part);
  }
});
window.addEventListener("afterprint", () => {
  for (const part of folded.splice(0)) part.open = false;
});
