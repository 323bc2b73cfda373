// One app: its name, its traffic and the way back to the version before, over the section that was chosen.

import { h, setText, setAttribute } from "../dom.js";
import { hostsLine } from "../hosts.js";
import { live } from "../live.js";
import { toApp } from "../router.js";
import { rollBack } from "../changes.js";
import { guarded } from "../controls.js";
import { trafficBar } from "../traffic.js";
import { overviewSection } from "./overview.js";
import { invocationsSection } from "./invocations.js";
import { permissionsSection } from "./permissions.js";
import { logsSection } from "./logs.js";
import { versionsSection } from "./versions.js";
import { secretsSection } from "./secrets.js";

const Sections = [
    { name: "overview", title: "Overview", make: overviewSection },
    { name: "requests", title: "Requests", make: (app, place) => invocationsSection(app, place, false) },
    { name: "errors", title: "Errors", make: (app, place) => invocationsSection(app, place, true) },
    { name: "permissions", title: "Permissions", make: permissionsSection },
    { name: "logs", title: "Logs", make: logsSection },
    { name: "versions", title: "Versions", make: versionsSection },
    { name: "secrets", title: "Secrets", make: secretsSection },
];

export function appView(place) {
    const name = place.app;
    const traffic = trafficBar();
    const hosts = hostsLine("p");
    const back = guarded("deploy", h("button", { type: "button", id: "roll-back", on: { click: () => rollBack(name, null, app()) } }, "Roll back"));
    const problem = h("p", { class: "error", role: "alert" });
    const badge = h("span", { class: "badge", hidden: true });
    const tabs = new Map(Sections.map(section => [section.name, h("a", { href: toApp(name, section.name) },
        section.title, section.name === "errors" ? badge : null)]));
    const body = h("div", { class: "section", id: "section" });
    const element = h("div", { class: "page" },
        h("nav", { class: "crumbs", "aria-label": "Back" },
            h("a", { href: "#/" }, "Apps"), h("span", { "aria-hidden": "true" }, " / "), h("span", null, name)),
        h("header", { class: "app-head" },
            h("div", { class: "app-title" }, h("h1", null, name), hosts.element),
            traffic.element,
            h("div", { class: "app-actions" }, back.element)),
        problem,
        h("nav", { class: "tabs", "aria-label": `Sections of ${name}` }, ...tabs.values()),
        body);
    let section = null;

    live.addEventListener("apps", update);
    live.addEventListener("live", showErrors);
    const view = {
        element,
        app: name,
        go,
        dispose() {
            section?.dispose?.();
            live.removeEventListener("apps", update);
            live.removeEventListener("live", showErrors);
        },
    };
    go(place);
    update();
    showErrors();
    return view;

    function app() {
        return live.apps?.find(one => one.name === name) ?? null;
    }

    function go(to) {
        section?.dispose?.();
        const chosen = Sections.find(one => one.name === to.section) ?? Sections[0];
        for (const [key, tab] of tabs) {
            setAttribute(tab, "aria-current", key === chosen.name ? "page" : null);
        }

        tabs.get(chosen.name).scrollIntoView?.({ block: "nearest", inline: "center" });
        section = chosen.make(name, to);
        body.replaceChildren(h("h2", { class: "unseen" }, chosen.title), section.element);
        section.changed?.(app());
        document.title = `${name}: ${chosen.title} · Wisp`;
    }

    function update() {
        const now = app();
        if (now) {
            traffic.update(now.traffic);
            hosts.update(now.hosts);
            setText(problem, "");
            back.update(now.latest > 1 ? null : "There is only one version.");
        } else if (live.apps) {
            setText(problem, `There is no app named ${name} on this server.`);
            back.update("There is no such app.");
        }

        section?.changed?.(now);
    }

    function showErrors() {
        const errors = live.now?.apps.get(name)?.errors ?? 0;
        badge.hidden = errors === 0;
        setText(badge, String(errors));
        setAttribute(badge, "aria-label", `${errors} in the last minute`);
    }
}
