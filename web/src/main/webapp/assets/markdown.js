/*
 * Markdown of a model's answer as DOM nodes: headings, lists, quotes, tables, code, emphasis, links.
 * Everything is made with createElement and text nodes. There is no HTML and there are no images, so
 * that an answer can neither run a script nor call home (T82).
 */
"use strict";

window.Mimir.markdown = (() => {
  const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
  const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
  const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
  const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;
  const QUOTE = /^ {0,3}>\s?/;
  const DELIMITER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
  const MOST_NESTED = 8;

  function element(name, ...children) {
    const node = document.createElement(name);
    node.append(...children);
    return node;
  }

  function link(address, ...label) {
    let url;
    try {
      url = new URL(address);
    } catch {
      return null;
    }
    if (!["http:", "https:", "mailto:"].includes(url.protocol)) {
      return null;
    }
    const node = element("a", ...label);
    node.href = url.href;
    node.rel = "noopener noreferrer";
    node.target = "_blank";
    node.title = url.href;
    return node;
  }

  /** Text with emphasis, code and links; what does not close is shown as it was written. */
  function inline(text, depth = 0) {
    const nodes = [];
    let plain = "";
    const flush = () => {
      if (plain) {
        nodes.push(document.createTextNode(plain));
        plain = "";
      }
    };
    let i = 0;
    while (i < text.length) {
      const found = depth < MOST_NESTED && special(text, i, depth);
      if (found) {
        flush();
        nodes.push(found.node);
        i = found.end;
      } else if (text[i] === "\\" && /[\\`*_{}[\]()#+.!|~-]/.test(text[i + 1] || "")) {
        plain += text[i + 1];
        i += 2;
      } else if (text[i] === "\n") {
        flush();
        nodes.push(element("br"));
        i += 1;
      } else {
        plain += text[i];
        i += 1;
      }
    }
    flush();
    return nodes;
  }

  function special(text, at, depth) {
    const c = text[at];
    if (c === "`") {
      const ticks = /^`+/.exec(text.slice(at, at + 20))[0];
      const end = text.indexOf(ticks, at + ticks.length);
      if (end > 0) {
        return { node: element("code", text.slice(at + ticks.length, end)), end: end + ticks.length };
      }
    }
    if (c === "*" || c === "_" || c === "~") {
      return emphasis(text, at, depth);
    }
    if (c === "[") {
      const middle = text.indexOf("](", at);
      const end = middle > 0 ? text.indexOf(")", middle) : -1;
      if (end > 0 && !text.slice(at, middle).includes("\n")) {
        const node = link(text.slice(middle + 2, end).trim(), ...inline(text.slice(at + 1, middle), depth + 1));
        return node && { node, end: end + 1 };
      }
    }
    if (c === "h" && !/\w/.test(text[at - 1] || "")) {
      const address = /^https?:\/\/[^\s<>"'`]+/.exec(text.slice(at, at + 2000));
      if (address) {
        const clean = address[0].replace(/[.,;:!?)\]*_]+$/, "");
        const node = link(clean, clean);
        return node && { node, end: at + clean.length };
      }
    }
    return null;
  }

  function emphasis(text, at, depth) {
    const c = text[at];
    const double = text[at + 1] === c;
    if (c === "~" && !double) {
      return null;
    }
    const mark = double ? c + c : c;
    const open = at + mark.length;
    if (!text[open] || /\s/.test(text[open]) || (c === "_" && /\w/.test(text[at - 1] || ""))) {
      return null;
    }
    let end = text.indexOf(mark, open);
    while (end > 0 && (/\s/.test(text[end - 1]) || (c === "_" && /\w/.test(text[end + mark.length] || "")))) {
      end = text.indexOf(mark, end + 1);
    }
    if (end <= open) {
      return null;
    }
    const name = c === "~" ? "s" : double ? "strong" : "em";
    return { node: element(name, ...inline(text.slice(open, end), depth + 1)), end: end + mark.length };
  }

  function cells(line) {
    return line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
  }

  /** Where a column stands, from the line below the heads: a colon on the right, or on both sides. */
  function place(delimiter) {
    return /:$/.test(delimiter || "") ? (delimiter.startsWith(":") ? "middle" : "number") : "";
  }

  function table(lines) {
    const places = cells(lines[1]).map(place);
    const row = (line, name) =>
      element(
        "tr",
        ...cells(line).map((cell, column) => {
          const node = element(name, ...inline(cell));
          node.className = places[column] || "";
          return node;
        }),
      );
    const head = row(lines[0], "th");
    const rows = lines.slice(2).map((line) => row(line, "td"));
    const node = element("table", element("thead", head), element("tbody", ...rows));
    node.tabIndex = 0;
    return node;
  }

  function code(text, language) {
    const inner = element("code", text);
    const pre = element("pre", inner);
    pre.tabIndex = 0;
    if (language) {
      pre.dataset.language = language;
    }
    const box = element("div", pre);
    box.className = "code";
    return box;
  }

  /** A list with what is indented below its items. */
  function list(lines, depth) {
    const first = ITEM.exec(lines[0]);
    const ordered = /\d/.test(first[2]);
    const node = element(ordered ? "ol" : "ul");
    if (ordered && parseInt(first[2], 10) !== 1) {
      node.start = parseInt(first[2], 10);
    }
    const base = first[1].length;
    let item = [];
    const close = () => {
      if (item.length) {
        const inner = blocks(item, depth + 1, { level: 6 });
        const only = inner.length && inner[0].tagName === "P" ? [...inner[0].childNodes, ...inner.slice(1)] : inner;
        node.append(element("li", ...only));
      }
    };
    for (const line of lines) {
      const found = ITEM.exec(line);
      if (found && found[1].length <= base + 1) {
        close();
        item = [found[3]];
      } else {
        item.push(line.replace(new RegExp(`^\\s{0,${base + 4}}`), ""));
      }
    }
    close();
    return node;
  }

  /** Lines to nodes. The rank of headings never jumps, whatever the model wrote. */
  function blocks(lines, depth, state) {
    const nodes = [];
    let i = 0;
    const take = (goesOn) => {
      const from = i;
      i += 1;
      while (i < lines.length && goesOn(lines[i])) {
        i += 1;
      }
      return lines.slice(from, i);
    };
    while (i < lines.length) {
      const line = lines[i];
      const fence = FENCE.exec(line);
      const heading = HEADING.exec(line);
      if (!line.trim()) {
        i += 1;
      } else if (fence) {
        const body = take((next) => !next.trim().startsWith(fence[1]));
        i += 1;
        nodes.push(code(body.slice(1).join("\n"), fence[2]));
      } else if (heading) {
        state.level = Math.min(Math.max(heading[1].length, 2), state.level + 1, 4);
        nodes.push(element(`h${state.level}`, ...inline(heading[2])));
        i += 1;
      } else if (RULE.test(line)) {
        nodes.push(element("hr"));
        i += 1;
      } else if (QUOTE.test(line) && depth < MOST_NESTED) {
        const inner = take((next) => QUOTE.test(next)).map((next) => next.replace(QUOTE, ""));
        nodes.push(element("blockquote", ...blocks(inner, depth + 1, state)));
      } else if (ITEM.test(line) && depth < MOST_NESTED) {
        nodes.push(list(take((next) => ITEM.test(next) || /^\s+\S/.test(next) || (!next.trim() && goesOnAsList(lines, i))), depth));
      } else if (line.includes("|") && DELIMITER.test(lines[i + 1] || "")) {
        nodes.push(table(take((next) => next.includes("|"))));
      } else {
        const text = take((next) => next.trim() && !startsBlock(next));
        nodes.push(element("p", ...inline(text.join("\n").trim())));
      }
    }
    return nodes;
  }

  function goesOnAsList(lines, at) {
    const next = lines[at + 1] || "";
    return ITEM.test(next) || /^\s{2,}\S/.test(next);
  }

  function startsBlock(line) {
    return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
  }

  /** The nodes of a whole text. */
  return (text) => blocks(text.replace(/\r\n?/g, "\n").split("\n"), 0, { level: 1 });
})();
