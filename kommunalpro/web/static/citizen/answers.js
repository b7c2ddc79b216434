// Every answer is saved as it is given. Without a connection answers stay on this page until it is back; nothing is
// ever written to the browser's own storage, since the browser may be shared.

const form = document.querySelector("form[data-answers]");
const status = document.getElementById("gemt");
const logIn = form.querySelector("[data-log-in]");
const PREFIXES = ["svar:", "andet:", "klokken:", "enhed:", "vist:"];
const PAUSE = 1000;        // after the last key in a text
const PATIENCE = 15000;    // for an answer from the server
const LONGEST_WAIT = 30000;

const changed = new Set();  // questions that are not saved as they stand now
let sending = null;         // the saving that is under way
let wait = 0;               // before the next try without a connection
let timer = 0;
let refused = "";           // why saving is no use any more
let isLeaving = false;

function note(target, pause) {
  const block = target.closest("[data-question]");
  if (!block || !PREFIXES.some((prefix) => target.name?.startsWith(prefix))) return;
  changed.add(block.dataset.question);
  if (!isHalf(block)) later(pause);
}

// A day without its time, "something else" without its words: nobody is told to go on with what they are doing.
function isHalf(block) {
  const [day, clock] = block.querySelectorAll(".citizen-moment input");
  const other = block.querySelector(".citizen-other input");
  const isOther = other && block.querySelector("input[value=andet]")?.checked && !other.value.trim();
  return block.contains(document.activeElement) && (isOther || (day && !day.value.trim() !== !clock.value.trim()));
}

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(save, pause);
}

form.addEventListener("change", (event) => note(event.target, 0));
form.addEventListener("input", (event) => {
  if (event.target.matches("input[type=text], textarea")) note(event.target, PAUSE);
});
form.addEventListener("focusout", (event) => {
  const block = event.target.closest("[data-question]");
  if (block && !block.contains(event.relatedTarget) && changed.has(block.dataset.question)) later(0);
});
window.addEventListener("online", () => { if (changed.size) later(0); });
window.addEventListener("focus", () => { if (changed.size && !logIn.hidden) later(0); });

// Gives true when one may go on: everything is saved, or only the server's own page can tell why it is not.
async function save() {
  clearTimeout(timer);
  while (sending) await sending;
  if (!changed.size || refused) return true;
  const paths = [...changed];
  changed.clear();
  sending = send(paths);
  const outcome = await sending;
  sending = null;
  logIn.hidden = outcome !== "out";
  if (outcome === "saved") {
    wait = 0;
    return changed.size ? save() : true;
  }
  for (const path of paths) changed.add(path);
  if (outcome === "refused") return true;
  tell(outcome === "out" ? form.dataset.out : form.dataset.lost, "citizen-unsaved");
  if (outcome === "lost") {
    wait = Math.min(Math.max(wait * 2, 2000), LONGEST_WAIT);
    later(wait);
  }
  return false;
}

async function send(paths) {
  tell(form.dataset.saving, "citizen-wrong");
  let response;
  let text;
  try {
    response = await fetch(form.action, {
      method: "POST",
      headers: { "X-Requested-With": "fetch", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: bodyOf(paths),
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    text = await response.text();
  } catch {
    return "lost";
  }
  if (response.type === "opaqueredirect") return "out";
  if (response.status >= 500 || response.status === 429) return "lost";
  const page = new DOMParser().parseFromString(text, "text/html");
  if (response.ok || response.status === 422) {
    show(page, paths);
    return "saved";
  }
  // Another citizen's page, or sent already: trying again is no use, and the server's own page says why.
  refused = page.querySelector("main .font-lead")?.textContent || form.dataset.refused;
  tell(refused, "citizen-unsaved");
  return "refused";
}

// The fields of these questions, and what every form carries.
function bodyOf(paths) {
  const body = new URLSearchParams({ gaa: "bliv" });
  for (const [name, value] of new FormData(form)) {
    const prefix = PREFIXES.find((each) => name.startsWith(each));
    if (!prefix || paths.includes(name.slice(prefix.length))) body.append(name, value);
  }
  return body;
}

function show(answer, paths) {
  const saved = paths.map((path) => patch(answer, path));
  const more = merge(document.getElementById("spoergsmaal"), answer.getElementById("spoergsmaal"));
  const acute = answer.getElementById("akut");
  const shown = document.getElementById("akut");
  if (acute.textContent.trim() !== shown.textContent.trim()) shown.replaceChildren(...acute.childNodes);
  if (saved.every(Boolean)) {
    tell([answer.getElementById("gemt").textContent, more ? form.dataset.more : ""].join(". ").replace(/\. $/, ""));
  } else {
    tell(form.dataset.wrong, "citizen-wrong");
  }
}

// Brings what was said about a question's answer onto the page; the field itself is the citizen's.
function patch(answer, path) {
  const mine = blockOf(document, path);
  const theirs = blockOf(answer, path);
  if (!mine || !theirs) return true;
  for (const part of ["[data-error]", "[data-feedback]"]) {
    mine.querySelector(part).textContent = theirs.querySelector(part).textContent;
  }
  const isWrong = theirs.querySelector("[data-error]").textContent !== "";
  mine.classList.toggle("form-error", isWrong);
  for (const field of mine.querySelectorAll(".form-input")) {
    if (isWrong) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
  mine.querySelector("[data-shown]").value = theirs.querySelector("[data-shown]").value;
  return !isWrong;
}

function blockOf(page, path) {
  return [...page.querySelectorAll("[data-question]")].find((block) => block.dataset.question === path);
}

// Puts questions in and takes them out where they belong; what stays is not touched, so that focus stays too.
function merge(mine, theirs) {
  const wanted = [...theirs.children];
  const ids = new Set(wanted.map((block) => block.id));
  let more = 0;
  for (const block of [...mine.children]) {
    if (!ids.has(block.id) && !block.contains(document.activeElement)) block.remove();
  }
  let place = null;
  for (const block of wanted) {
    const own = document.getElementById(block.id);
    if (own) {
      const [inner, inners] = [own, block].map((each) => each.querySelector(":scope > [data-blocks]"));
      if (inner && inners) more += merge(inner, inners);
    } else {
      if (place) place.after(block);
      else mine.prepend(block);
      more += 1;
    }
    place = own ?? block;
  }
  return more;
}

function tell(words, look = "") {
  status.textContent = words;
  status.className = `citizen-saved ${look}`;
}

// A button leads on when everything is saved; without a connection one stays here with one's answers.
form.addEventListener("submit", async (event) => {
  if (isLeaving) return;
  if (!changed.size && !sending && navigator.onLine) {
    isLeaving = true;
    return;
  }
  event.preventDefault();
  if (!navigator.onLine) {
    tell(form.dataset.lost, "citizen-unsaved");
    return;
  }
  if (await save()) {
    // A form that is still being submitted cannot be submitted: the browser would do nothing, and say nothing.
    setTimeout(() => {
      isLeaving = true;
      form.requestSubmit(event.submitter);
    });
  }
});
window.addEventListener("pageshow", () => { isLeaving = false; });
window.addEventListener("beforeunload", (event) => {
  if (!isLeaving && (changed.size || sending)) event.preventDefault();
});
