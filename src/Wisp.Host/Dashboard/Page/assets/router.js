// Where one is stands in the address after "#", so that it can be linked, reloaded and gone back to.
//   #/   #/audit   #/apps/NAME   #/apps/NAME/SECTION?key=value

export function here() {
    const [where, query] = location.hash.replace(/^#/, "").split("?");
    const parts = where.split("/").filter(part => part !== "").map(decode);
    const parameters = new URLSearchParams(query ?? "");
    if (parts[0] === "apps" && parts.length >= 2) {
        return { view: "app", app: parts[1], section: parts[2] ?? "overview", parameters };
    }

    return { view: parts[0] === "audit" ? "audit" : "apps", parameters };
}

export function toApp(app, section, parameters) {
    const query = parameters ? `?${new URLSearchParams(parameters)}` : "";
    return `#/apps/${encodeURIComponent(app)}${section ? `/${section}` : ""}${query}`;
}

function decode(part) {
    try {
        return decodeURIComponent(part);
    } catch {
        return part;
    }
}
