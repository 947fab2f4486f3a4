// What makes a page nicer where scripts run: copying, and days and numbers as the reader writes them.
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const month = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "long", timeZone: "UTC" });
const instant = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short", timeZone: "UTC", });

for (const time of document.querySelectorAll("time[datetime]")) {
  const written = time.dateTime;
  const at = new Date(written);
  if (Number.isNaN(at.getTime()) || /^\d{4}$/.test(written)) continue;
  const form = written.length === 7 ? month : written.length === 10 ? day : instant;
  time.textContent = form.format(at) + (form === instant ? " UTC" : "");
  time.title = written;
}

const number = new Intl.NumberFormat();
for (const data of document.querySelectorAll("data[value]")) data.textContent = number.format(Number(data.value));

const told = document.createElement("span");
told.setAttribute("role", "status");
told.className = "hidden";
document.body.append(told);

// navigator.clipboard exists on secure origins alone; a server of one's own may be none.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  const words = button.textContent;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await copy(source.textContent.trim());
      button.textContent = told.textContent = "Copied";
    } catch {
      button.textContent = told.textContent = "Not copied: select the text instead";
    }
    setTimeout(() => { button.textContent = words; told.textContent = ""; }, 2500);
  });
}

// An address without the filters that were left empty.
for (const form of document.forms) {
  form.addEventListener("submit", () => {
    const empty = [...form.elements].filter((field) => field.name && field.value === "" && field.name !== "q");
    for (const field of empty) field.disabled = true;
    setTimeout(() => { for (const field of empty) field.disabled = false; });
  });
}
