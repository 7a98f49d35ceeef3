// Text with ANSI colours as a page of HTML that looks like a terminal.

const COLORS = ["#1c2128", "#ff7b72", "#7ee787", "#f2cc60", "#79c0ff", "#d2a8ff", "#76e3ea", "#e6edf3"];
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

export function page(text) {
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; padding: 20px 24px; background: #0d1117; color: #d5dde6; }
pre { margin: 0; font: 14px/1.35 "DejaVu Sans Mono", monospace; }
</style><pre>${spans(text)}</pre>`;
}

// SGR: bold, dim, underlined, the eight colours and their bright ones. Links (OSC 8) are their text.
function spans(text) {
  let style = {};
  const plain = text.replace(/\u001b\]8;[^\u0007\u001b]*(\u0007|\u001b\\)/g, "");
  return plain.split(/(\u001b\[[\d;]*m)/).map((part) => {
    const codes = part.match(/^\u001b\[([\d;]*)m$/);
    if (!codes) {
      const css = Object.entries(style).map(([name, value]) => `${name}:${value}`).join(";");
      const escaped = part.replace(/[&<>]/g, (character) => ESCAPES[character]);
      return css ? `<span style="${css}">${escaped}</span>` : escaped;
    }
    for (const code of codes[1].split(";").map(Number)) style = next(style, code);
    return "";
  }).join("");
}

function next(style, code) {
  if (code === 0) return {};
  if (code === 1) return { ...style, "font-weight": "bold" };
  if (code === 2) return { ...style, opacity: 0.65 };
  if (code === 4) return { ...style, "text-decoration": "underline" };
  if (code >= 30 && code <= 37) return { ...style, color: COLORS[code - 30] };
  if (code >= 90 && code <= 97) return { ...style, color: COLORS[code - 90] };
  if (code === 39) return { ...style, color: "inherit" };
  return style;
}
