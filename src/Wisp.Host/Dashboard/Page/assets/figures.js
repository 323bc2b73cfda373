// The four charts that a server and an app have in common.

import { Chart } from "./chart.js";
import { count, milliseconds, rate } from "./format.js";
import { h } from "./dom.js";

export function figures(of) {
    const charts = [
        new Chart({ title: "Requests per second", series: [{ key: "requestsPerSecond" }], format: rate, filled: true }),
        new Chart({
            title: "Latency",
            series: [{ key: "p50", label: "p50" }, { key: "p90", label: "p90" }, { key: "p99", label: "p99" }],
            format: milliseconds,
        }),
        new Chart({ title: "Errors", unit: "in the last minute", series: [{ key: "errors" }], format: count, filled: true, alarm: true }),
        new Chart({ title: "Cold starts", unit: "in the last minute", series: [{ key: "coldStarts" }], format: count, filled: true }),
    ];
    return {
        element: h("div", { class: "figures", role: "group", "aria-label": `${of}: figures` }, charts.map(chart => chart.element)),
        update: samples => charts.forEach(chart => chart.update(samples)),
    };
}
