// Gives the tests a session to talk to.
import { Session, message, run } from "../../src/session";
Object.assign(globalThis, { Session, message, run });
