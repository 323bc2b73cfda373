// Small charts in SVG. The drawing is 0 to 1 in both directions and stretched to its box; lines keep their width (vector-effect). What
// can be read stands beside it as text.

import { h, svg, setText, setAttribute } from "./dom.js";
import { Nothing } from "./format.js";

// Room over the highest value, so that the line does not run into the top.
const Headroom = 1.08;

/** A round number somewhat above a value: the top of a chart. */
export function ceiling(value) {
    if (!(value > 0)) {
        return 1;
    }

    const least = value * Headroom;
    const power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 3, 4, 5, 6, 8, 10].map(step => step * power).find(top => top >= least) ?? 10 * power;
}

/** Path of a line through values; a gap where there is none. */
function line(values, top) {
    let path = "";
    let isDrawing = false;
    values.forEach((value, i) => {
        if (value === null || value === undefined) {
            isDrawing = false;
            return;
        }

        path += `${isDrawing ? "L" : "M"}${place(i, values.length)} ${height(value, top)}`;
        isDrawing = true;
    });
    return path;
}

/** Path of the area under a line, closed for each piece between gaps. */
function area(values, top) {
    let path = "";
    let last = null;
    const close = () => {
        if (last !== null) {
            path += `L${place(last, values.length)} 1Z`;
            last = null;
        }
    };

    values.forEach((value, i) => {
        if (value === null || value === undefined) {
            close();
            return;
        }

        path += last === null ? `M${place(i, values.length)} 1` : "";
        path += `L${place(i, values.length)} ${height(value, top)}`;
        last = i;
    });
    close();
    return path;
}

const place = (i, length) => (i / Math.max(1, length - 1)).toFixed(4);
const height = (value, top) => (1 - Math.min(1, value / top)).toFixed(4);

function drawing(...content) {
    return svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" }, ...content);
}

// A page that was just opened knows little: its charts show half a minute, then one, then all.
const Windows = [30, 60];

function recent(samples) {
    const known = samples.length - Math.max(0, samples.findIndex(sample => sample !== null));
    const window = Windows.find(seconds => known <= seconds) ?? samples.length;
    return samples.slice(-(samples.some(sample => sample !== null) ? window : Windows[0]));
}

/** A line without words, for rows of tables. */
export class Sparkline {
    constructor() {
        this.under = svg("path", { class: "under" });
        this.line = svg("path", { class: "line" });
        this.element = h("span", { class: "sparkline" }, drawing(this.under, this.line));
    }

    update(values) {
        values = recent(values);
        const top = ceiling(Math.max(0, ...values.map(value => value ?? 0)));
        setAttribute(this.under, "d", area(values, top));
        setAttribute(this.line, "d", line(values, top));
    }
}

/** A figure with its title, its value now, and how it went over the last minutes.
 *  series: [{ key, label }], the last is drawn on top; format: writes a value; filled: an area under the first. */
export class Chart {
    constructor({ title, unit, series, format, filled = false, alarm = false }) {
        this.series = series;
        this.format = format;
        this.title = title;
        this.samples = [];
        this.value = h("span", { class: "figure-value" }, Nothing);
        this.legend = series.length > 1
            ? series.map(one => ({ ...one, element: h("span", { class: "legend-value" }, Nothing) }))
            : [];
        this.under = filled ? svg("path", { class: "under" }) : null;
        this.lines = series.map((one, i) => svg("path", { class: `line line-${i}` }));
        this.cursor = h("span", { class: "chart-cursor", hidden: true });
        this.top = h("span", { class: "chart-top" });
        this.when = h("span", { class: "chart-when" });
        this.plot = h("div", {
            class: "chart-plot",
            on: { pointermove: event => this.#point(event), pointerleave: () => this.#unpoint() },
        }, drawing(this.under, ...this.lines), this.top, this.cursor);
        this.element = h("section", { class: `figure${alarm ? " alarm" : ""}${series.length > 1 ? " several" : ""}`, "aria-label": title },
            h("h3", null, title),
            h("p", { class: "figure-now" },
                series.length > 1
                    ? this.legend.map((one, i) => h("span", { class: `legend legend-${i}` },
                        h("span", { class: "legend-name" }, one.label), one.element))
                    : [this.value, unit ? h("span", { class: "unit" }, unit) : null]),
            this.plot,
            this.when);
        this.pointed = null;
    }

    /** samples: one for each second, the last is now; null where nothing is known. */
    update(samples) {
        samples = recent(samples);
        this.samples = samples;
        const values = this.series.map(one => samples.map(sample => sample?.[one.key] ?? null));
        const top = ceiling(Math.max(0, ...values.flat().map(value => value ?? 0)));
        this.lines.forEach((element, i) => setAttribute(element, "d", line(values[i], top)));
        if (this.under) {
            setAttribute(this.under, "d", area(values[0], top));
        }

        setText(this.top, this.format(top));
        this.#write();
    }

    #point(event) {
        const box = this.plot.getBoundingClientRect();
        const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
        this.pointed = Math.round(share * (this.samples.length - 1));
        this.cursor.hidden = false;
        this.cursor.style.left = `${(this.pointed / Math.max(1, this.samples.length - 1)) * 100}%`;
        this.#write();
    }

    #unpoint() {
        this.pointed = null;
        this.cursor.hidden = true;
        this.#write();
    }

    #write() {
        const last = this.samples.length - 1;
        const at = this.pointed ?? last;
        const sample = this.samples[at];
        if (this.legend.length > 0) {
            this.legend.forEach(one => setText(one.element, this.format(sample?.[one.key])));
        } else {
            setText(this.value, this.format(sample?.[this.series[0].key]));
        }

        const ago = last - at;
        const length = this.samples.length <= 60 ? `${this.samples.length} seconds` : `${this.samples.length / 60} minutes`;
        setText(this.when, this.pointed === null ? `last ${length}` : ago === 0 ? "now" : `${ago} s ago`);
        this.element.classList.toggle("nonzero", (sample?.[this.series[0].key] ?? 0) > 0);
    }
}
