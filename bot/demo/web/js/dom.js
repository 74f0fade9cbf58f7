// Small helpers to build elements. Text is always set as text, never as HTML.

export function el(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "text") node.textContent = value;
    else if (name in node && name !== "list" && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

const PATHS = {
  send: "M3 20.500 21.500 12 3 3.500v6.800L15 12 3 13.700z",
  attach: "M8 12.500V7a4 4 0 0 1 8 0v9a2.500 2.500 0 0 1-5 0V8h-1.600v8a4.100 4.100 0 0 0 8.200 0V7A5.600 5.600 0 0 0 6.400 7v9.500a7 7 0 0 0 .4 2.200",
  menu: "M4 6.500h16M4 12h16M4 17.500h10",
  more: "M12 6.200v.01M12 12v.01M12 17.800v.01",
  keyboard: "M4 7h16v10H4zM7.500 10.500h.01M12 10.500h.01M16.500 10.500h.01M8.500 14h7",
  lock: "M7 11h10v8H7zM9 11V8.500a3 3 0 0 1 6 0V11",
  silent: "M6 17h12l-1.500-2.500V11a4.500 4.500 0 0 0-9 0v3.500zM10.500 19.500h3M4 4l16 16",
  edit: "M5 19l1-4L16 5l3 3L9 18z",
  reply: "M10 7 5 12l5 5M5.500 12H14a5 5 0 0 1 5 5",
  lamp: "M9 17h6M10 20h4M8.500 14a5.500 5.500 0 1 1 7 0c-.7.700-1 1.500-1 3h-5c0-1.500-.3-2.300-1-3z",
  file: "M7 3.500h7l4 4v13H7zM14 3.500v4h4",
  mic: "M12 4a2.500 2.500 0 0 1 2.500 2.500v5a2.500 2.500 0 0 1-5 0v-5A2.500 2.500 0 0 1 12 4zM6.500 11.500a5.500 5.500 0 0 0 11 0M12 17v3",
  place: "M12 21c4-5 6-8 6-11a6 6 0 0 0-12 0c0 3 2 6 6 11zM12 12.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600z",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM5 20c.7-4 3.300-6 7-6s6.300 2 7 6",
  link: "M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1-1",
  tick: "M3 12.500l4.500 4.500L16 8M11.500 16.500l.5.500L20.500 8",
  check: "M4.500 12.500l5 5L19.500 7",
  close: "M6 6l12 12M18 6 6 18",
  sun: "M12 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400",
  moon: "M20 14.500A8.500 8.500 0 1 1 9.500 4a7 7 0 0 0 10.500 10.500z",
  ask: "M12 18v.01M9 9a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.200-1.500 2.400M12 21.500a9.500 9.500 0 1 0 0-19 9.500 9.500 0 0 0 0 19z",
  quiz: "M4 5h16v11H9l-5 4zM8.500 10.500l2.300 2.300 4.700-4.700",
  flag: "M6 21V4h11l-2 4 2 4H6",
  bolt: "M13 2.500 5 13.500h6l-1 8 8-11h-6z",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
};

const SVG = "http://www.w3.org/2000/svg";
const FILLED = new Set(["send"]);

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("i", ...(FILLED.has(name) ? ["filled"] : []));
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

export const iconButton = (name, label, onclick, more = {}) =>
  el("button", { type: "button", class: "icon", "aria-label": label, title: label, onclick, ...more },
    icon(name));
