// An app's figures, and what its version is made of.

import { path } from "../api.js";
import { h, setText } from "../dom.js";
import { figures } from "../figures.js";
import { bytes, fullTime, milliseconds, moment } from "../format.js";
import { live } from "../live.js";
import { load } from "../load.js";

export function overviewSection(app) {
    const charts = figures(app);
    const problem = h("p", { class: "error", role: "alert" });
    const facts = h("p", { class: "help" });
    const made = h("div", { class: "columns" });
    let known = null;

    live.addEventListener("live", show);
    show();
    return {
        element: h("div", { class: "stack" }, charts.element, problem, facts, made),
        changed(now) {
            // Another version may be made of other parts.
            const key = JSON.stringify(now?.traffic ?? null);
            if (now && key !== known) {
                known = key;
                load(path`/apps/${app}`, problem, describe);
            }
        },
        dispose: () => live.removeEventListener("live", show),
    };

    function show() {
        charts.update(live.history(app));
    }

    function describe(detail) {
        setText(facts, `Deployed first ${moment(detail.createdAt)}; newest version v${detail.latest}. Below: what v${detail.version} is made of.`);
        facts.title = fullTime(detail.createdAt);
        made.replaceChildren(triggers(detail), components(detail));
    }
}

function triggers(detail) {
    const routes = (detail.routes ?? []).map(route => h("tr", null,
        h("td", null, h("code", null, route.route)),
        h("td", null, route.methods?.length ? route.methods.join(", ") : "any method"),
        h("td", null, route.component ?? (route.status ? `answers ${route.status}` : "answers itself"))));
    const cron = (detail.cron ?? []).map(trigger => h("tr", null,
        h("td", null, h("code", null, trigger.schedule)),
        h("td", null, trigger.timeZone ?? "cron"),
        h("td", null, trigger.component)));
    return h("section", { class: "panel padded" },
        h("h3", null, "Routes and schedules"),
        h("table", { class: "plain" },
            h("thead", { class: "unseen" }, h("tr", null,
                ["Route or schedule", "Takes", "Component"].map(text => h("th", { scope: "col" }, text)))),
            h("tbody", null, routes, cron)));
}

function components(detail) {
    const parts = (detail.components ?? []).map(component => h("section", { class: "component" },
        h("h4", null, component.name, h("span", { class: "source" }, component.source)),
        component.permissions?.length
            ? h("pre", { class: "lines", "aria-label": `Permissions of ${component.name}` }, component.permissions.join("\n"))
            : h("p", { class: "help" }, "No permissions."),
        limits(component.limits)));
    const variables = (detail.variables ?? []).map(variable =>
        h("li", null, h("code", null, variable.name),
            variable.secret ? h("span", { class: "tag" }, "secret") : null, variable.required ? h("span", { class: "tag" }, "required") : null));
    return h("section", { class: "panel padded" },
        h("h3", null, "Components"),
        parts.length ? parts : h("p", { class: "help" }, "None: all routes answer by themselves."),
        variables.length ? [h("h3", null, "Variables"), h("ul", { class: "variables" }, variables)] : null);
}

function limits(limits) {
    const list = Object.entries(limits ?? {});
    return list.length === 0 ? null : h("dl", { class: "limits" }, list.map(([key, value]) =>
        h("div", null, h("dt", null, key), h("dd", null, limitText(key, String(value))))));
}

/** The API sends bytes and milliseconds. */
function limitText(key, value) {
    if (/^[0-9.]+ms$/.test(value)) {
        return milliseconds(parseFloat(value));
    }

    return ["memory", "request", "response"].includes(key) && /^[0-9]+$/.test(value) ? bytes(Number(value)) : value;
}
