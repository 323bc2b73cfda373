// Buttons that a token may not press say why, instead of vanishing or failing.

import { h, setText, setAttribute } from "./dom.js";
import { session } from "./session.js";
import { say } from "./say.js";

let next = 0;

/** A button that takes a scope. It stays in the order of the keyboard when it is off, so that its reason can be found. */
export function guarded(scope, button) {
    const why = h("span", { class: "unseen", id: `why-${next++}` });
    const element = h("span", { class: "guarded" }, button, why);
    let reason = null;
    button.setAttribute("aria-describedby", why.id);
    element.addEventListener("click", event => {
        if (reason !== null && button.contains(event.target)) {
            event.preventDefault();
            event.stopImmediatePropagation();
            say(reason);
        }
    }, { capture: true });
    update(null);
    return { element, button, update };

    /** other: why it makes no sense now, or null. */
    function update(other) {
        reason = session.reason(scope) ?? other;
        setAttribute(button, "aria-disabled", reason === null ? null : "true");
        setAttribute(button, "title", reason);
        setText(why, reason ?? "");
    }
}
