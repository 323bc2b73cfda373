// The bar at the top: where one is, how the server is, who one is; and the notice when the connection is lost.

import { h, setText } from "./dom.js";
import { bytes, duration, rate, timeOfDay } from "./format.js";
import { live } from "./live.js";
import { session } from "./session.js";

export function bar(signOut) {
    const state = h("span", { class: "state" }, h("span", { class: "dot", "aria-hidden": "true" }), h("span", { class: "state-text" }));
    const facts = h("span", { class: "facts" });
    const who = h("span", { class: "who" });
    const notice = document.getElementById("notice");
    let ticking = null;

    live.addEventListener("state", showState);
    live.addEventListener("apps", showFacts);
    live.addEventListener("live", showFacts);
    showState();

    return h("div", { class: "bar-inner" },
        h("a", { class: "brand", href: "#/" }, h("img", { src: "/assets/icon.svg", alt: "", width: 22, height: 22 }), "Wisp"),
        h("nav", { "aria-label": "Sections" },
            h("a", { href: "#/", "data-view": "apps" }, "Apps"),
            h("a", { href: "#/audit", "data-view": "audit" }, "Audit")),
        facts,
        state,
        who,
        h("button", { type: "button", class: "quiet", id: "sign-out", on: { click: signOut } }, "Sign out"));

    function showFacts() {
        const status = live.status;
        if (status) {
            setText(facts, [
                status.version ? `wisp ${status.version}` : null,
                `up ${duration(status.uptimeSeconds)}`,
                bytes(status.memoryBytes),
                live.now ? `${rate(live.now.total.requestsPerSecond)} requests/s` : null,
            ].filter(part => part !== null).join("  ·  "));
            session.who = status.token ?? session.who;
        }

        setText(who, session.who ? `${session.who.name} (${session.who.scope})` : "");
    }

    function showState() {
        const words = { connecting: "Connecting", live: "Live", lost: "No connection" };
        state.dataset.state = live.state;
        setText(state.querySelector(".state-text"), words[live.state]);
        clearInterval(ticking);
        if (live.state === "lost") {
            showNotice();
            ticking = setInterval(countDown, 500);
        } else {
            notice.replaceChildren();
        }

        document.body.classList.toggle("lost", live.state === "lost");
    }

    // The alert is read out once; the seconds that count down are not part of what is announced.
    function showNotice() {
        if (notice.firstChild) {
            return;
        }

        notice.append(h("div", { class: "notice-inner" },
            h("span", null, `No answer from the server since ${timeOfDay(live.lostSince)}. What you see is from before.`),
            h("span", { class: "countdown", "aria-hidden": "true" }),
            h("button", { type: "button", class: "quiet", on: { click: () => live.refresh() } }, "Try now")));
        countDown();
    }

    function countDown() {
        const text = notice.querySelector(".countdown");
        if (text && live.retryAt) {
            setText(text, `Next attempt in ${Math.max(0, Math.ceil((live.retryAt - Date.now()) / 1000))} s.`);
        }
    }
}
