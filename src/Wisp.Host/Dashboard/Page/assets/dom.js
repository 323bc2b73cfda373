// Elements are made here and nowhere else. Text only ever becomes a text node: what a guest wrote cannot become markup.

const SvgNamespace = "http://www.w3.org/2000/svg";

/** An element. Attributes whose value is false, null or undefined are left out; `on` takes event handlers; children are nodes or text. */
export function h(tag, attributes, ...children) {
    return fill(document.createElement(tag), attributes, children);
}

/** The same for a part of an SVG image. */
export function svg(tag, attributes, ...children) {
    return fill(document.createElementNS(SvgNamespace, tag), attributes, children);
}

function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes ?? {})) {
        if (name === "on") {
            for (const [type, handler] of Object.entries(value)) {
                element.addEventListener(type, handler);
            }
        } else if (value !== false && value !== null && value !== undefined) {
            element.setAttribute(name, value === true ? "" : String(value));
        }
    }

    element.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== false));
    return element;
}

/** Sets text only where it changed, so that nothing is laid out or read again for nothing. */
export function setText(element, text) {
    if (element.textContent !== text) {
        element.textContent = text;
    }
}

export function setAttribute(element, name, value) {
    if (value === null || value === undefined || value === false) {
        element.removeAttribute(name);
    } else if (element.getAttribute(name) !== String(value)) {
        element.setAttribute(name, value === true ? "" : String(value));
    }
}

/** Makes the children of an element one for each item, in their order, and keeps those that are there: focus, selection and what is
 *  unfolded stay. `make` gives { element, update? }. */
export function keyed(parent, items, keyOf, make) {
    const known = parent.keyedRows ??= new Map();
    const seen = new Set();
    let place = parent.firstChild;
    for (const item of items) {
        const key = keyOf(item);
        seen.add(key);
        let row = known.get(key);
        if (!row) {
            row = make(item);
            known.set(key, row);
        }

        row.update?.(item);
        if (row.element === place) {
            place = place.nextSibling;
        } else {
            parent.insertBefore(row.element, place);
        }
    }

    for (const [key, row] of known) {
        if (!seen.has(key)) {
            row.element.remove();
            known.delete(key);
        }
    }
}
