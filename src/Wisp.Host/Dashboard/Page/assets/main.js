// Starts the page: asks for a token when there is none, then shows the view that the address names and keeps it current.

import { api, tryToken, ApiError } from "./api.js";
import { h } from "./dom.js";
import { timeZone } from "./format.js";
import { bar } from "./bar.js";
import { live } from "./live.js";
import { here } from "./router.js";
import { session } from "./session.js";
import { signIn } from "./views/signin.js";
import { appsView } from "./views/apps.js";
import { appView } from "./views/app.js";
import { auditView } from "./views/audit.js";

const main = document.getElementById("main");
const foot = document.getElementById("foot");
let view = null;

document.getElementById("skip").addEventListener("click", () => main.focus());
window.addEventListener("hashchange", () => show(true));
api.onUnauthorized = () => leave("The server no longer accepts the token. Sign in again.");
foot.append(h("span", null, `Times are in ${timeZone}.`));
document.getElementById("bar").append(bar(() => leave(null)));

start();

async function start() {
    if (!session.token) {
        ask(null);
        return;
    }

    try {
        begin(session.token, await tryToken(session.token));
    } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
            leave("The server no longer accepts the token. Sign in again.");
        } else {
            // Not there yet, or not there any more: the views say so and go on asking.
            begin(session.token, null);
        }
    }
}

function begin(token, status) {
    session.begin(token, status?.token ?? null);
    document.getElementById("bar").hidden = foot.hidden = false;
    live.start();
    show(false);
}

function leave(reason) {
    session.end();
    live.stop();
    ask(reason);
}

function ask(reason) {
    document.getElementById("bar").hidden = foot.hidden = true;
    replace(signIn(reason, begin), "Sign in");
}

function show(byPerson) {
    if (!session.token) {
        return;
    }

    const place = here();
    const isSameApp = place.view === "app" && view?.app === place.app;
    // Another section of the same app keeps the frame around it.
    if (isSameApp) {
        view.go(place);
    } else if (place.view === "app") {
        replace(appView(place), place.app);
    } else {
        replace(place.view === "audit" ? auditView() : appsView(), place.view === "audit" ? "Audit log" : "Apps");
    }

    document.querySelectorAll(".bar nav a").forEach(link => {
        const isHere = link.dataset.view === (place.view === "audit" ? "audit" : "apps");
        link.toggleAttribute("aria-current", isHere);
        if (isHere) {
            link.setAttribute("aria-current", "page");
        }
    });
    if (byPerson) {
        window.scrollTo(0, 0);
        // Who goes through the sections of an app stays at its links.
        if (!isSameApp || document.activeElement === document.body) {
            main.focus({ preventScroll: true });
        }
    }
}

function replace(next, title) {
    view?.dispose?.();
    view = next;
    main.replaceChildren(next.element);
    document.title = `${title} · Wisp`;
    next.shown?.();
}
