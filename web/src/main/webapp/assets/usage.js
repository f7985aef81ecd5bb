/* The charts of the usage page: they take their colours from console.css, and follow the theme. */
"use strict";

window.MimirUsage = (() => {
  const widgets = [];
  const NARROW_PX = 400;
  const LONGEST = 24;
  const LONGEST_WHERE_NARROW = 13;

  /** What a colour of the style sheet is at this moment, in this theme. */
  function colour(name) {
    const probe = document.createElement("span");
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const value = getComputedStyle(probe).color;
    probe.remove();
    return value;
  }

  function paint(config) {
    const font = getComputedStyle(document.body);
    Chart.defaults.color = colour("muted");
    Chart.defaults.borderColor = colour("line");
    Chart.defaults.font.family = font.fontFamily;
    Chart.defaults.font.size = 12;
    for (const dataset of config.data.datasets) {
      dataset.backgroundColor = colour(dataset.tone);
      dataset.hoverBackgroundColor = dataset.backgroundColor;
    }
  }

  /** Long names are cut on their axis; the tooltip and the table have them whole. */
  function shorten(axis) {
    axis.ticks.callback = function (value) {
      const text = this.getLabelForValue(value);
      const longest = this.chart.width < NARROW_PX ? LONGEST_WHERE_NARROW : LONGEST;
      return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
    };
  }

  /** Called by PrimeFaces with a chart as this, before it is drawn. */
  function look() {
    const config = this.cfg.config;
    shorten(config.options.scales[config.options.indexAxis]);
    paint(config);
    widgets.push(this);
  }

  function repaint() {
    for (const widget of widgets) {
      paint(widget.chart.config);
      widget.chart.update("none");
    }
  }

  new MutationObserver(repaint).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);

  return { look };
})();
