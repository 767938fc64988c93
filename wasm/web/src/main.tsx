import { render } from "preact";
import { App } from "./app";
import { onKey } from "./commands";
import { bootJSON, load } from "./state";
import "./style/base.css";
import "./style/panes.css";
import "./style/steer.css";
import "./style/phone.css";
import { acceptDrops } from "./whatif";

addEventListener("keydown", onKey);
acceptDrops();
render(<App />, document.getElementById("app")!);
void load();

// For those who compare this machine with `rt0 boot -format json`, in the browser's console or in a test.
Object.assign(globalThis, { rt0: { bootJSON } });
